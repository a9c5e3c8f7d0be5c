"""The requests of every action that is offered, by what they are about."""
