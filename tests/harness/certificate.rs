//! A certificate authority of our own and a server certificate signed by it.
//!
//! Two certificates, because one that is its own authority is refused as a server's by rustls.

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

/// All three as PEM.
pub(crate) struct Certificates {
    /// What the client is to trust.
    pub authority: String,
    /// What the server shows, for `localhost` and 127.0.0.1.
    pub server: String,
    /// The server's private key.
    pub key: String,
}

/// A fresh set.
pub(crate) fn issue() -> Certificates {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let signed = authority.self_signed(&authority_key).unwrap();
    let issuer = Issuer::new(authority, authority_key);
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let key = KeyPair::generate().unwrap();
    let server = CertificateParams::new(names).unwrap().signed_by(&key, &issuer).unwrap();
    Certificates { authority: signed.pem(), server: server.pem(), key: key.serialize_pem() }
}
