//! TLS for a plugin that speaks to a server: rustls with ring, the public roots, and those of the
//! office's own CA. With the feature `tls`.
//!
//! A plugin names its provider itself, because none that the host installs is visible inside a
//! library. What it is not: no connection, no protocol, no certificate of the client.

use std::path::Path;
use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use crate::NotDone;

/// What a client trusts: the Mozilla set, and the certificates of the PEM file that the office set
/// as `ca_file`.
///
/// # Errors
/// The file cannot be used; the words name the setting `ca_file`.
pub fn client(ca_file: Option<&Path>) -> Result<ClientConfig, NotDone> {
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    if let Some(path) = ca_file {
        add(&mut roots, path)?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(NotDone::because)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}

fn add(roots: &mut RootCertStore, path: &Path) -> Result<(), NotDone> {
    let refuse = |why: &str| NotDone::setting("ca_file", why);
    if !path.is_absolute() {
        return Err(refuse("is not an absolute path"));
    }
    let pem = std::fs::read(path).map_err(|error| refuse(&error.to_string()))?;
    let mut count = 0;
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|_| refuse("is not PEM"))?;
        let unfit = |_| refuse("holds a certificate that cannot be read");
        roots.add(certificate).map_err(unfit)?;
        count += 1;
    }
    match count {
        0 => Err(refuse("holds no certificate")),
        _ => Ok(()),
    }
}
