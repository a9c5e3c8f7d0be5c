"""The files that do not depend on routes: modules, places, records of calls, the tones of China."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..waiting_sound import FOLDER, VISITS, WaitingSound

_MODULES = """
res_timing_timerfd res_sorcery_config res_sorcery_memory res_sorcery_astdb res_pjproject
res_rtp_asterisk codec_ulaw codec_alaw format_pcm format_wav format_sln res_musiconhold
res_pjsip res_pjsip_session res_pjsip_sdp_rtp res_pjsip_authenticator_digest res_pjsip_outbound_authenticator_digest
res_pjsip_outbound_registration res_pjsip_registrar res_pjsip_caller_id res_pjsip_diversion res_pjsip_header_funcs
res_pjsip_rfc3326 res_pjsip_dtmf_info res_pjsip_endpoint_identifier_ip res_pjsip_endpoint_identifier_user
res_pjsip_pubsub res_pjsip_nat res_pjsip_logger chan_pjsip
bridge_simple bridge_native_rtp bridge_holding bridge_builtin_features bridge_softmix
pbx_config pbx_loopback
app_dial app_playback app_read app_queue app_record app_voicemail app_mixmonitor app_verbose app_stack
app_userevent app_exec app_cdr app_senddtmf app_waitforsilence res_speech res_agi
func_callerid func_channel func_cdr func_logic func_strings func_timeout func_hangupcause func_cut func_global
func_groupcount func_math func_db func_env func_uri func_dialplan
res_cdrel_custom cdr_custom cdr_manager cel_custom cel_manager
"""
"""A list instead of autoload: what is not needed is not there to be attacked, and the start takes 0.2 s."""

CDR_FILE = "line400-cdr.csv"
CDR_HANDED = "CDR(line400_handed_over)"
"""What the dialplan handed the router, percent-encoded; only calls that arrived on a line have it."""
CDR_FIELDS = (
    "CDR(uniqueid)",
    "CDR(linkedid)",
    CDR_HANDED,
    "CDR(src)",
    "CDR(dst)",
    "CDR(userfield)",
    "CDR(start,u)",
    "CDR(answer,u)",
    "CDR(end,u)",
    "CDR(disposition)",
    "CDR(billsec)",
    "CDR(channel)",
    "CDR(dstchannel)",
    "CDR(dcontext)",
)


def modules() -> str:
    """``modules.conf``."""
    return "\n".join(["[modules]", "autoload = no", *(f"load = {name}.so" for name in _MODULES.split()), ""])


def asterisk(folders: Mapping[str, str]) -> str:
    """``asterisk.conf``; ``folders`` by Asterisk's own names (``astetcdir`` …)."""
    return "\n".join(
        [
            "[directories]",
            *(f"{name} = {folder}" for name, folder in folders.items()),
            "",
            "[options]",
            "verbose = 0",
            "debug = 0",
            "nocolor = yes",
            "highpriority = no",
            "hideconnect = yes",
            "live_dangerously = no",
            "documentation_language = en_US",
            "transmit_silence = yes",
            "languageprefix = yes",
            "",
        ]
    )


def cdr_custom() -> str:
    """``cdr_custom.conf``: what call records are reconciled from when the router was away."""
    fields = ",".join(f"${{CSV_QUOTE(${{{field}}})}}" for field in CDR_FIELDS)
    return f"[mappings]\n{CDR_FILE} = {fields}\n"


def rtp(first: int, last: int) -> str:
    """``rtp.conf``: ports ``first`` to ``last``."""
    return f"[general]\nrtpstart = {first}\nrtpend = {last}\nstrictrtp = yes\nrtpchecksums = no\nicesupport = no\n"


def music(folder: str, waiting: Iterable[WaitingSound] = ()) -> str:
    """``musiconhold.conf``: the files of ``folder``, and what is heard in queues that announce."""
    parts = [f"[default]\nmode = files\ndirectory = {folder}\n"]
    for sound in waiting:
        for visit in range(VISITS):
            parts.append(f"[{sound.music_class(visit)}]\nmode = playlist\nentry = {folder}/{FOLDER}/{sound.name}\n")
    return "".join(parts)


_UNHEARD = (
    "ast_channel_varset_type",
    "agi_exec_start_type",
    "agi_exec_end_type",
    "ast_rtp_rtcp_sent_type",
    "ast_rtp_rtcp_received_type",
)
"""Messages inside of Asterisk that only AMI events are made of which nobody here asks for: a text for every variable
that is set, two for every command of the router. Neither call records nor queues use them."""


def stasis(*, all_events: bool = False) -> str:
    """``stasis.conf``. ``all_events``: a switch of test calls, which are followed by what is declined otherwise."""
    declined = () if all_events else _UNHEARD
    return "\n".join(["[taskpool]", "[declined_message_types]", *(f"decline = {name}" for name in declined), ""])


FIXED: Mapping[str, str] = {
    "acl.conf": "",
    "ccss.conf": "[general]\n",
    "cdr.conf": "[general]\nenable = yes\nunanswered = yes\ncongestion = yes\nendbeforehexten = no\nbatch = no\n",
    "cdr_manager.conf": "[general]\nenabled = yes\n",
    "cel.conf": (
        "[general]\nenable = yes\n"
        "events = CHAN_START,CHAN_END,ANSWER,HANGUP,BRIDGE_ENTER,BRIDGE_EXIT,LINKEDID_END\n\n"
        "[manager]\nenabled = no\n"
    ),
    "cel_custom.conf": (
        "[mappings]\nline400-cel.csv = ${CSV_QUOTE(${eventtype})},${CSV_QUOTE(${eventtime})},"
        "${CSV_QUOTE(${CHANNEL(channame)})},${CSV_QUOTE(${CHANNEL(uniqueid)})},${CSV_QUOTE(${CHANNEL(linkedid)})}\n"
    ),
    "features.conf": "[general]\n[featuremap]\n",
    "http.conf": "[general]\nenabled = no\n",
    "indications.conf": (
        "[general]\ncountry = cn\n[cn]\ndescription = China\nringcadence = 1000,4000\ndial = 450\n"
        "busy = 450/350,0/350\nring = 450/1000,0/4000\ncongestion = 450/700,0/700\ncallwaiting = 450/400,0/4000\n"
        "dialrecall = 450\nrecord = 950/400,0/10000\ninfo = 450/100,0/100\nstutter = 450\n"
    ),
    "logger.conf": "[general]\nqueue_log = yes\n[logfiles]\nmessages = notice,warning,error\n",
    "pjproject.conf": "[startup]\n",
    "queuerules.conf": "",
    "udptl.conf": "[general]\nudptlstart = 4000\nudptlend = 4999\n",
    "websocket_client.conf": "",
}
