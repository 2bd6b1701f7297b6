"""The vendors' own software as the judge of ours.

verify: reads captured requests from standard input, one JSON object a line
    {"vendor", "method", "target", "headers", "body", "id", "secret"}
and prints for each whether the vendor's SDK computes the same Authorization: "same" or the other one.

send VENDOR HOST:PORT: reads {"phone", "sign_name", "template", "values", "key", "app", "id", "secret",
"region"} from standard input and lets the vendor's own client send that message to a server on
loopback, so that what goes over the wire can be compared.
"""

import sys

sys.path.pop(0)  # this folder has a calendar.py, which is not the library's

import hashlib
import json
from datetime import datetime, timezone
from urllib.parse import parse_qsl, urlsplit


def aliyun_authorization(request):
    from alibabacloud_tea_openapi.utils import Utils
    from darabonba.request import DaraRequest

    parts = urlsplit(request["target"])
    headers = request["headers"]
    signed = headers["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
    dara = DaraRequest()
    dara.method = request["method"]
    dara.pathname = parts.path
    dara.query = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True))
    dara.headers = {name: headers[name] for name in signed}
    payload = hashlib.sha256(request["body"].encode()).hexdigest()
    assert headers["x-acs-content-sha256"] == payload, "the digest is not the body's"
    return Utils.get_authorization(
        dara, "ACS3-HMAC-SHA256", payload, request["id"], request["secret"]
    )


def tencent_authorization(request):
    from tencentcloud.common import credential
    from tencentcloud.common.http.request import RequestInternal
    from tencentcloud.sms.v20210111.sms_client import SmsClient

    client = SmsClient(credential.Credential(request["id"], request["secret"]), "ap-guangzhou")
    headers = request["headers"]
    internal = RequestInternal(method=request["method"], uri=request["target"])
    internal.header = {
        "Content-Type": headers["content-type"],
        "Host": headers["host"],
        "X-TC-Timestamp": headers["x-tc-timestamp"],
    }
    internal.data = request["body"]
    moment = datetime.fromtimestamp(int(headers["x-tc-timestamp"]), timezone.utc)
    date = moment.strftime("%Y-%m-%d")
    signature = client._get_tc3_signature({}, internal, date, "sms", request["secret"])
    return (
        f"TC3-HMAC-SHA256 Credential={request['id']}/{date}/sms/tc3_request, "
        f"SignedHeaders=content-type;host, Signature={signature}"
    )


def verify():
    judges = {"aliyun": aliyun_authorization, "tencent": tencent_authorization}
    for line in sys.stdin:
        request = json.loads(line)
        theirs = judges[request["vendor"]](request)
        print("same" if theirs == request["headers"]["authorization"] else theirs)


def send_aliyun(place, said):
    from alibabacloud_dysmsapi20170525.client import Client
    from alibabacloud_dysmsapi20170525.models import SendSmsRequest
    from alibabacloud_tea_openapi.utils_models import Config

    config = Config(access_key_id=said["id"], access_key_secret=said["secret"])
    config.endpoint = place
    config.protocol = "http"
    request = SendSmsRequest(
        phone_numbers=said["phone"],
        sign_name=said["sign_name"],
        template_code=said["template"],
        template_param=json.dumps(
            dict(sorted(said["values"].items())), ensure_ascii=False, separators=(",", ":")
        ),
        out_id=said["key"],
    )
    return Client(config).send_sms(request).body.code


def send_tencent(place, said):
    from tencentcloud.common import credential
    from tencentcloud.common.profile.client_profile import ClientProfile
    from tencentcloud.common.profile.http_profile import HttpProfile
    from tencentcloud.sms.v20210111 import models
    from tencentcloud.sms.v20210111.sms_client import SmsClient

    profile = ClientProfile(httpProfile=HttpProfile(protocol="http", endpoint=place))
    identity = credential.Credential(said["id"], said["secret"])
    request = models.SendSmsRequest()
    request.PhoneNumberSet = [said["phone"]]
    request.SmsSdkAppId = said["app"]
    request.SignName = said["sign_name"]
    request.TemplateId = said["template"]
    request.TemplateParamSet = list(said["values"].values())
    request.SessionContext = said["key"]
    answer = SmsClient(identity, said["region"], profile).SendSms(request)
    return answer.SendStatusSet[0].Code


if __name__ == "__main__":
    if sys.argv[1] == "verify":
        verify()
    else:
        senders = {"aliyun": send_aliyun, "tencent": send_tencent}
        print(senders[sys.argv[2]](sys.argv[3], json.load(sys.stdin)))
