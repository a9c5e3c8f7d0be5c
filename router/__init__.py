"""The routing service for 400 numbers: numbers, lines, routes, resolve, policy, call records; in subfolders its I/O."""
