"""A first ticket from Python, without generated code: the server describes its own contract (gRPC reflection).

    pip install grpcio grpcio-reflection grpcio-status
    python first_ticket.py --endpoint http://127.0.0.1:50051 --token TOKEN

The token must be a seat agent's. Prints JSON: a ticket that was taken in and read back, and then what the hotline says
about a request with wrong fields, from the typed details that travel with every refusal.
"""

import argparse
import json
import urllib.parse
import uuid

import grpc
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message_factory import GetMessageClass
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from grpc_status import rpc_status

DEADLINE_SECONDS = 10


class Hotline:
    """Calls any method of the contract by its name; requests are written as JSON would be."""

    def __init__(self, endpoint, token, authority=None):
        address = urllib.parse.urlsplit(endpoint)
        if address.scheme == "https":
            # Only the hotline's own authority is trusted. A client certificate goes into the same call.
            with open(authority, "rb") as pem:
                trusted = grpc.ssl_channel_credentials(root_certificates=pem.read())
            self.channel = grpc.secure_channel(address.netloc, trusted)
        else:
            self.channel = grpc.insecure_channel(address.netloc)
        self.contract = DescriptorPool(ProtoReflectionDescriptorDatabase(self.channel))
        self.metadata = [("authorization", f"Bearer {token}")]

    def call(self, service, method, **fields):
        found = self.contract.FindServiceByName(f"hotline.v1.{service}").FindMethodByName(method)
        rpc = self.channel.unary_unary(
            f"/hotline.v1.{service}/{method}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=GetMessageClass(found.output_type).FromString,
        )
        request = ParseDict(fields, GetMessageClass(found.input_type)(), descriptor_pool=self.contract)
        # Always set a deadline; the server honours it.
        return rpc(request, timeout=DEADLINE_SECONDS, metadata=self.metadata)


def refusal(error):
    """The code of a refused call, and the details that a program can act on."""
    answer = {"code": error.code().name, "reason": None, "violations": []}
    status = rpc_status.from_call(error)
    for detail in status.details if status else []:
        info, request = ErrorInfo(), BadRequest()
        if detail.Unpack(info):
            answer["reason"] = info.reason
        elif detail.Unpack(request):
            answer["violations"] = [violation.field for violation in request.field_violations]
    return answer


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--token", required=True)
    parser.add_argument("--authority", help="the file of the server's authority in PEM, for an https endpoint")
    hotline = Hotline(**vars(parser.parse_args()))

    ticket = {
        "category": "TICKET_CATEGORY_APPEAL",
        "complexity": "TICKET_COMPLEXITY_GENERAL",
        "channel": "CHANNEL_WEB",
        "enterprise": {"name": "北京示例科技有限公司", "social_credit_code": "91110105MA01ABCD4C"},
        "contact": {"name": "王女士", "phone": "13800000000"},
        "subject": "营业执照变更迟迟未办结",
        "content": "9月提交的变更申请至今没有答复，请协助核实办理进度。",
    }
    # Keep the request_id when you repeat a call whose answer was lost: the first answer comes back, and no second ticket.
    created = hotline.call("TicketService", "CreateTicket", request_id=str(uuid.uuid4()), **ticket)
    number = created.ticket.number
    read = hotline.call("TicketService", "GetTicket", ticket_number=number)
    report = {"number": number, "read_back": MessageToDict(read.ticket, preserving_proto_field_name=True)}

    wrong = {**ticket, "subject": "", "district": "11010"}
    try:
        hotline.call("TicketService", "CreateTicket", request_id=str(uuid.uuid4()), **wrong)
    except grpc.RpcError as error:
        report.update(refusal(error))
    print(json.dumps(report, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
