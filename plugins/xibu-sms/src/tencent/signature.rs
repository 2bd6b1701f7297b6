//! TC3-HMAC-SHA256. <https://cloud.tencent.com/document/api/382/52071>

use sha2::{Digest, Sha256};

use super::{Tencent, VERSION};
use crate::aliyun::hmac;
use crate::civil;
use crate::http::host_field;

const ALGORITHM: &str = "TC3-HMAC-SHA256";
const SERVICE: &str = "sms";
const CONTENT_TYPE: &str = "application/json";

/// The header fields of a call with this body.
pub(super) fn fields(
    tencent: &Tencent,
    action: &str,
    body: &str,
    now_unix_ms: i64,
) -> Vec<(&'static str, String)> {
    let seconds = now_unix_ms.div_euclid(1000);
    let day = civil::utc(now_unix_ms, "%Y-%m-%d");
    let host = host_field(&tencent.endpoint);
    let digest = hex::encode(Sha256::digest(body));
    let canonical = format!(
        "POST\n/\n\ncontent-type:{CONTENT_TYPE}\nhost:{host}\n\ncontent-type;host\n{digest}"
    );
    let scope = format!("{day}/{SERVICE}/tc3_request");
    let to_sign =
        format!("{ALGORITHM}\n{seconds}\n{scope}\n{}", hex::encode(Sha256::digest(canonical)));
    let secret = format!("TC3{}", tencent.access.secret_key);
    let key = [day.as_str(), SERVICE, "tc3_request"]
        .iter()
        .fold(secret.into_bytes(), |key, word| hmac(&key, word.as_bytes()));
    let signature = hex::encode(hmac(&key, to_sign.as_bytes()));
    let authorization = format!(
        "{ALGORITHM} Credential={}/{scope}, SignedHeaders=content-type;host, Signature={signature}",
        tencent.access.secret_id
    );
    let mut fields = vec![
        ("authorization", authorization),
        ("content-type", CONTENT_TYPE.into()),
        ("host", host),
        ("x-tc-action", action.into()),
        ("x-tc-timestamp", seconds.to_string()),
        ("x-tc-version", VERSION.into()),
    ];
    if !tencent.region.is_empty() {
        fields.push(("x-tc-region", tencent.region.clone()));
    }
    fields
}
