"""Parameters of a request: from the query, a form (plain or with files) or JSON."""

import json
from typing import Any
from urllib.parse import parse_qsl

from python_multipart import create_form_parser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File

from telegram_simulator.bot_api.errors import BotApiError, bad_request
from telegram_simulator.bot_api.register import Upload

LARGEST_BODY = 52_428_800  # bytes: files of up to 50 MB, and a little for the rest
ROOM = 1_048_576


def too_large() -> BotApiError:
    return BotApiError(413, "Request Entity Too Large")


def parameters_of(query: str, content_type: str, body: bytes) -> tuple[dict[str, Any], dict[str, Upload]]:
    """(parameters, files). What is in the body wins over the query. Raises 400."""
    parameters: dict[str, Any] = dict(parse_qsl(query, keep_blank_values=True))
    uploads: dict[str, Upload] = {}
    kind = content_type.partition(";")[0].strip().lower()
    if not body:
        return parameters, uploads
    if kind == "application/json":
        parameters |= _json(body)
    elif kind == "application/x-www-form-urlencoded":
        parameters |= dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    elif kind == "multipart/form-data":
        fields, uploads = multipart(content_type, body)
        parameters |= fields
    else:
        raise bad_request("unsupported content type")
    return parameters, uploads


def _json(body: bytes) -> dict[str, Any]:
    try:
        given = json.loads(body)
    except ValueError:
        raise bad_request("can't parse JSON object") from None
    if not isinstance(given, dict):
        raise bad_request("object expected as request")
    return given


def multipart(content_type: str, body: bytes) -> tuple[dict[str, Any], dict[str, Upload]]:
    fields: dict[str, Any] = {}
    uploads: dict[str, Upload] = {}

    def on_field(field: Field) -> None:
        fields[(field.field_name or b"").decode()] = (field.value or b"").decode("utf-8", "replace")

    def on_file(file: File) -> None:
        file.file_object.seek(0)
        name = (file.field_name or b"").decode()
        file_name = (file.file_name or b"").decode("utf-8", "replace")
        uploads[name] = Upload(file_name, str(file.content_type or ""), file.file_object.read())
        file.close()

    headers = {"Content-Type": content_type.encode(), "Content-Length": str(len(body)).encode()}
    try:
        parser = create_form_parser(headers, on_field, on_file, config={"MAX_MEMORY_FILE_SIZE": 60_000_000})
        parser.write(body)
        parser.finalize()
        parser.close()
    except (FormParserError, ValueError):
        raise bad_request("can't parse multipart form data") from None
    return fields, uploads
