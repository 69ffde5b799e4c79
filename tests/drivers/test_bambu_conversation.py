"""What a Bambu conversation sends, refuses and does not fall over."""

import json
from typing import Any

import pytest

from printers.drivers.bambu_conversation import LARGEST_REPORT, BambuConversation
from printers.drivers.driver import (
    DriverError,
    Endpoint,
    MachineState,
    Outcome,
    StartOrder,
    StartRefused,
    Trouble,
)

SLOTS = [
    {"id": "0", "tray_type": "PLA", "tray_color": "FF0000FF"},
    {"id": "1", "tray_type": "PLA", "tray_color": "00FF00FF"},
    {"id": "2"},
]
FULL = {
    "command": "push_status", "msg": 0, "gcode_state": "IDLE", "mc_percent": 0, "stg_cur": -1,
    "nozzle_temper": 25, "bed_temper": 24, "hms": [], "print_error": 0, "subtask_id": "0",
    "ams": {
        "ams": [{"id": "0", "tray": SLOTS}, {"id": "128", "tray": [{"id": "0", "tray_type": "PA-CF"}]}],
        "tray_exist_bits": "3",
    },
    "vt_tray": {"id": "254", "tray_type": "PLA"},
}  # fmt: skip
ORDER = StartOrder("k7f3q_part.gcode.3mf", "812345678", plate=2, plate_md5="ab" * 16, tray_map=(1, None))


def talk_in(**state: Any) -> BambuConversation:
    """A conversation whose printer has told everything."""
    talk = BambuConversation(Endpoint("printer", serial="01S00C123456789"))
    talk.feed(json.dumps({"print": {**FULL, **state}}).encode())
    return talk


def body_of(message: bytes, group: str = "print") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(message)[group]
    return found


def answer(talk: BambuConversation, sequence: str, **fields: Any) -> None:
    talk.feed(json.dumps({"print": {"command": "project_file", "sequence_id": sequence, **fields}}).encode())


def test_a_start_names_file_plate_job_and_slots() -> None:
    sequence, [message] = talk_in().start(ORDER)

    body = body_of(message)
    assert body["sequence_id"] == sequence
    assert body["url"] == "ftp://k7f3q_part.gcode.3mf"
    assert body["param"] == "Metadata/plate_2.gcode"
    assert body["md5"] == "ab" * 16
    assert body["subtask_name"] == "k7f3q_part"
    assert {body["project_id"], body["task_id"], body["subtask_id"]} == {"812345678"}
    assert body["use_ams"] is True
    assert body["ams_mapping"] == [1, -1]
    assert body["ams_mapping2"] == [{"ams_id": 0, "slot_id": 1}, {"ams_id": 255, "slot_id": 255}]


@pytest.mark.parametrize(
    ("tray_map", "use_ams", "flat", "pairs"),
    [
        ((128,), True, [128], [{"ams_id": 128, "slot_id": 0}]),
        ((254, None), False, [-1, -1], [{"ams_id": 255, "slot_id": 0}, {"ams_id": 255, "slot_id": 255}]),
        ((), False, [], []),
    ],
    ids=["single slot unit", "external spool", "no slots"],
)
def test_every_kind_of_source_has_its_own_notation(
    tray_map: tuple[int | None, ...], use_ams: bool, flat: list[int], pairs: list[dict[str, int]]
) -> None:
    _, [message] = talk_in().start(StartOrder("a.gcode.3mf", "5", tray_map=tray_map))

    body = body_of(message)
    assert (body["use_ams"], body["ams_mapping"], body["ams_mapping2"]) == (use_ams, flat, pairs)


@pytest.mark.parametrize(
    "tray_map", [(7,), (2,), (None, None), (0, 254)], ids=["none", "empty", "unused", "mixed"]
)
def test_a_slot_that_cannot_be_served_stops_the_start(tray_map: tuple[int | None, ...]) -> None:
    with pytest.raises(StartRefused):
        talk_in().start(StartOrder("a.gcode.3mf", "5", tray_map=tray_map))


@pytest.mark.parametrize("number", ["0", "2147483648", "", "x", "-1"])
def test_a_job_number_the_firmware_would_bend_is_refused(number: str) -> None:
    with pytest.raises(StartRefused):
        talk_in().start(StartOrder("a.gcode.3mf", number))


@pytest.mark.parametrize(
    "state", ["INIT", "PREPARE", "SLICING", "RUNNING", "PAUSE", "OFFLINE", "UNKNOWN", "NEW", ""]
)
def test_nothing_is_started_but_from_idle_finish_and_failed(state: str) -> None:
    with pytest.raises(StartRefused):
        talk_in(gcode_state=state).start(ORDER)


@pytest.mark.parametrize("state", ["IDLE", "FINISH", "FAILED"])
def test_idle_finish_and_failed_take_a_start(state: str) -> None:
    assert talk_in(gcode_state=state).start(ORDER)


def test_nothing_is_started_while_an_error_stands() -> None:
    with pytest.raises(StartRefused, match="cannot read"):
        talk_in(gcode_state="FAILED", print_error=0x05004003).start(ORDER)


def test_nothing_is_started_before_everything_is_told() -> None:
    with pytest.raises(StartRefused):
        BambuConversation(Endpoint("printer", serial="s")).start(ORDER)


def test_after_a_new_link_the_picture_counts_again_only_when_told_anew() -> None:
    talk = talk_in()

    talk.hello()

    assert talk.status().full is False
    with pytest.raises(StartRefused):
        talk.start(ORDER)
    talk.feed(json.dumps({"print": FULL}).encode())
    assert talk.start(ORDER)


def test_hello_asks_for_version_and_everything_and_nudge_for_a_push() -> None:
    talk = talk_in()

    version, everything = talk.hello()
    [push] = talk.nudge()

    assert body_of(version, "info")["command"] == "get_version"
    assert body_of(everything, "pushing")["command"] == "pushall"
    assert body_of(push, "pushing")["command"] == "start"


def test_an_answer_is_found_by_its_number_once() -> None:
    talk = talk_in()
    sequence, _ = talk.start(ORDER)

    answer(talk, "999", result="success")
    answer(talk, sequence, result="SUCCESS")
    answer(talk, sequence, result="fail")

    assert [(found.sequence, found.accepted) for found in talk.answers()] == [(sequence, True)]
    assert list(talk.answers()) == []


def test_a_refusal_has_words() -> None:
    talk = talk_in()
    sequence, _ = talk.start(ORDER)

    answer(talk, sequence, result="fail", reason="", err_code=0x05004004)

    [found] = talk.answers()
    assert not found.accepted
    assert "busy" in found.words


@pytest.mark.parametrize(
    "refusal",
    [
        {"result": "fail", "reason": "mqtt message verify failed"},
        {"err_code": 0x05024009},
        {"err_code": 84033543},
    ],
)
def test_an_unsigned_order_that_is_refused_asks_for_developer_mode(refusal: dict[str, Any]) -> None:
    talk = talk_in()
    sequence, _ = talk.start(ORDER)

    answer(talk, sequence, **refusal)

    [found] = talk.answers()
    assert "Developer Mode" in found.words
    assert talk.locked
    with pytest.raises(DriverError) as caught:
        talk.command("stop")
    assert caught.value.trouble is Trouble.LOCKED


@pytest.mark.parametrize(
    ("told", "locked"),
    [
        ({"fun": "3EC18FFF9CFF"}, False),
        ({"fun": "20000000"}, True),
        ({}, False),
        ({"hms": [{"attr": 0x05000500, "code": 0x00010007}]}, True),
    ],
    ids=["bit clear", "bit set", "not told", "health message"],
)
def test_developer_mode_is_read_from_reports(told: dict[str, Any], locked: bool) -> None:
    talk = talk_in(**told)

    assert talk.locked is locked
    assert any(fault.code == "developer mode" for fault in talk.status().faults) is locked
    if locked:
        with pytest.raises(StartRefused) as caught:
            talk.start(ORDER)
        assert caught.value.trouble is Trouble.LOCKED


def test_a_cancel_the_printer_took_makes_failed_cancelled_without_its_code() -> None:
    talk = talk_in(gcode_state="RUNNING", stg_cur=0, layer_num=2, subtask_id="5")
    sequence, _ = talk.command("cancel")
    answer(talk, sequence, result="success")

    talk.feed(json.dumps({"print": {"command": "push_status", "msg": 1, "gcode_state": "FAILED"}}).encode())

    assert talk.status().outcome is Outcome.CANCELLED


@pytest.mark.parametrize(
    ("name", "state", "verb"),
    [
        ("pause", "RUNNING", "pause"),
        ("resume", "PAUSE", "resume"),
        ("cancel", "PAUSE", "stop"),
        ("stop", "IDLE", "stop"),
        ("clear_errors", "FAILED", "clean_print_error"),
    ],
)
def test_every_command_has_its_verb(name: str, state: str, verb: str) -> None:
    _, messages = talk_in(gcode_state=state).command(name)

    assert body_of(messages[0])["command"] == verb


def test_clearing_an_error_closes_its_dialog_too() -> None:
    _, messages = talk_in(gcode_state="FAILED", print_error=0x0300400C).command("clear_errors")

    assert body_of(messages[1], "system")["err"] == "0300400C"


@pytest.mark.parametrize(("name", "state"), [("pause", "IDLE"), ("resume", "RUNNING"), ("cancel", "FINISH")])
def test_a_command_that_makes_no_sense_now_is_not_sent(name: str, state: str) -> None:
    with pytest.raises(DriverError):
        talk_in(gcode_state=state).command(name)


@pytest.mark.parametrize(
    ("name", "value", "group", "said"),
    [
        ("light", "on", "system", {"command": "ledctrl", "led_node": "chamber_light", "led_mode": "on"}),
        ("speed", "ludicrous", "print", {"command": "print_speed", "param": "4"}),
        ("part_fan", "50", "print", {"command": "gcode_line", "param": "M106 P1 S128\n"}),
        ("chamber_fan", "100", "print", {"command": "gcode_line", "param": "M106 P3 S255\n"}),
    ],
)
def test_what_can_be_adjusted_has_its_message(
    name: str, value: str, group: str, said: dict[str, Any]
) -> None:
    _, messages = talk_in(gcode_state="RUNNING").adjust(name, value)

    assert said.items() <= body_of(messages[0], group).items()


@pytest.mark.parametrize(
    ("name", "value", "state"),
    [
        ("speed", "5", "RUNNING"),
        ("speed", "sport", "IDLE"),
        ("part_fan", "55\nM112", "RUNNING"),
        ("bed", "1", "IDLE"),
    ],
)
def test_what_cannot_be_adjusted_now_is_not_sent(name: str, value: str, state: str) -> None:
    with pytest.raises(DriverError):
        talk_in(gcode_state=state).adjust(name, value)


def test_what_is_adjusted_is_read_from_reports() -> None:
    lights = [{"node": "work_light", "mode": "on"}, {"node": "chamber_light", "mode": "off"}]
    talk = talk_in(spd_lvl=3, lights_report=lights, big_fan1_speed="7", cooling_fan_speed="15")

    assert talk.status().adjusted == {"light": "off", "speed": "sport", "part_fan": "100", "aux_fan": "50"}


def test_an_answer_about_the_light_is_found_too() -> None:
    talk = talk_in()
    sequence, _ = talk.adjust("light", "on")

    talk.feed(
        json.dumps({"system": {"command": "ledctrl", "sequence_id": sequence, "result": "success"}}).encode()
    )

    assert [one.sequence for one in talk.answers() if one.accepted] == [sequence]


RAW = [
    b"",
    b"\xff\xfe",
    b"[]",
    b"null",
    b"7",
    b'{"print": 5}',
    b"[" * 100_000,
    b'{"info": {"command": "get_version", "module": [5, {"name": 7, "sw_ver": []}]}}',
    b"{" + b" " * LARGEST_REPORT + b"}",
]
STRANGE = [
    '"ams": [1]',
    '"ams": {"ams": [[], {"id": []}, {"id": 1, "tray": 5}]}',
    '"hms": [{"attr": "x", "code": NaN}, 5], "stg_cur": "often"',
    '"vir_slot": {"id": 1}, "vt_tray": {"id": []}, "device": {"extruder": []}',
    '"fun": [], "tray_exist_bits": {}, "subtask_id": {"a": 1}',
    f'"layer_num": {"9" * 400}',
    f'"layer_num": {"9" * 5000}',
]
PUSHES = [f'{{"print": {{"command": "push_status", {fields}}}}}'.encode() for fields in STRANGE]


@pytest.mark.parametrize("payload", RAW + PUSHES)
def test_nonsense_is_ignored_and_what_was_known_stays(payload: bytes) -> None:
    talk = talk_in()

    talk.feed(payload)

    assert talk.status().state is MachineState.IDLE
    assert len(talk.status().trays) == 5


@pytest.mark.parametrize(
    "value", ["NaN", "Infinity", "-Infinity", "-5", "1e999", "250", '"x"', "null", "true"]
)
def test_numbers_are_clamped_to_sane_ranges(value: str) -> None:
    talk = talk_in(gcode_state="RUNNING", stg_cur=0, layer_num=1)

    talk.feed(
        f'{{"print": {{"command": "push_status", "mc_percent": {value}, "mc_remaining_time": {value},'
        f' "nozzle_temper": {value}}}}}'.encode()
    )

    seen = talk.status()
    assert seen.progress is None or 0 <= seen.progress <= 1
    assert seen.remaining_s is None or seen.remaining_s >= 0
    assert all(-50 <= heat.now_c <= 600 for heat in seen.nozzles)


def test_strange_keys_without_end_do_not_fill_the_memory() -> None:
    talk = talk_in()

    for number in range(500):
        keys = {f"key{number}": 1, "device": {f"part{number}": 1}, "ams": {"ams": [{"id": str(number)}]}}
        talk.feed(json.dumps({"print": {"command": "push_status", **keys}}).encode())

    assert len(json.dumps(talk._reports.told)) < 20_000


def test_messages_go_out_with_qos_0() -> None:
    assert talk_in().qos == 0


def test_a_new_key_beside_the_old_end_has_not_moved_yet() -> None:
    talk = talk_in(gcode_state="RUNNING", subtask_id="1", layer_num=3)
    push(talk, gcode_state="FINISH")
    assert talk.status().seen_moving

    push(talk, subtask_id="2")
    assert not talk.status().seen_moving

    push(talk, gcode_state="PREPARE")
    push(talk, gcode_state="FINISH")
    assert talk.status().seen_moving


def push(talk: BambuConversation, **state: Any) -> None:
    talk.feed(json.dumps({"print": {"command": "push_status", "msg": 1, **state}}).encode())
