"""help.*: what a client asks for when it connects."""

from typing import Any

from telethon.tl import types as tl
from telethon.tl.functions import help as fn

from telegram_simulator.methods import entities
from telegram_simulator.methods.call import Call, method

DC_ID = 2  # the world has one data centre


@method(fn.GetConfigRequest, needs_sign_in=False)
def get_config(call: Call) -> Any:
    host, port = call.address
    return tl.Config(
        date=entities.moment(call.now), expires=entities.moment(call.now + 3600), test_mode=False, this_dc=DC_ID,
        dc_options=[tl.DcOption(id=DC_ID, ip_address=host, port=port, static=True)], dc_txt_domain_name="",
        chat_size_max=200, megagroup_size_max=200_000, forwarded_count_max=100, online_update_period_ms=210_000,
        offline_blur_timeout_ms=5000, offline_idle_timeout_ms=30_000, online_cloud_timeout_ms=300_000,
        notify_cloud_delay_ms=30_000, notify_default_delay_ms=1500, push_chat_period_ms=60_000, push_chat_limit=2,
        edit_time_limit=172_800, revoke_time_limit=2**31 - 1, revoke_pm_time_limit=2**31 - 1, rating_e_decay=2_419_200,
        stickers_recent_limit=200, channels_read_media_period=604_800, call_receive_timeout_ms=20_000,
        call_ring_timeout_ms=90_000, call_connect_timeout_ms=30_000, call_packet_timeout_ms=10_000,
        me_url_prefix="https://t.me/", caption_length_max=1024, message_length_max=4096, webfile_dc_id=DC_ID,
    )  # fmt: skip


@method(fn.GetNearestDcRequest, needs_sign_in=False)
def get_nearest_dc(_: Call) -> Any:
    return tl.NearestDc(country="RU", this_dc=DC_ID, nearest_dc=DC_ID)


@method(fn.GetAppConfigRequest, needs_sign_in=False)
def get_app_config(call: Call) -> Any:
    """Empty, but for a frozen account, which learns here that it is (core.telegram.org/api/auth#frozen-accounts)."""
    if call.signed_in is None or not call.signed_in.frozen:
        return tl.help.AppConfig(hash=1, config=tl.JsonObject([]))
    since, until = call.now - 3600, call.now + 30 * 86_400
    told = [
        tl.JsonObjectValue("freeze_since_date", tl.JsonNumber(float(int(since)))),
        tl.JsonObjectValue("freeze_until_date", tl.JsonNumber(float(int(until)))),
        tl.JsonObjectValue("freeze_appeal_url", tl.JsonString("https://t.me/SpamBot")),
    ]
    return tl.help.AppConfig(hash=2, config=tl.JsonObject(told))
