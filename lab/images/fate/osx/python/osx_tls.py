"""TLS of the OSX double: PEM files only, real handshakes. The address that is called has to stand in the certificate."""

import ssl


class Refusal(Exception):
    """A TLS setting that cannot be used."""


def tls_server(settings):
    """A context from broker.properties. Raises Refusal when files are missing or unusable."""
    if settings.get('grpc.server.keystore.file'):
        raise Refusal('this double has no keystores: use grpc.server.cert.chain.file and grpc.server.private.key.file')
    chain, key = settings.get('grpc.server.cert.chain.file'), settings.get('grpc.server.private.key.file')
    if not chain or not key:
        raise Refusal('open.grpc.tls.server needs grpc.server.cert.chain.file and grpc.server.private.key.file')
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    load(context, chain, key)
    authority = settings.get('grpc.server.ca.file')
    if authority:
        trust(context, authority)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def tls_client(endpoint):
    """A context from a route's endpoint. Raises Refusal."""
    if endpoint.get('useKeyStore'):
        raise Refusal('this double has no keystores: use caFile, certChainFile and privateKeyFile')
    if not endpoint.get('caFile'):
        raise Refusal('an endpoint with useSSL needs caFile')
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trust(context, endpoint['caFile'])
    if endpoint.get('certChainFile'):
        load(context, endpoint['certChainFile'], endpoint.get('privateKeyFile'))
    return context


def load(context, chain, key):
    try:
        context.load_cert_chain(chain, key)
    except (OSError, ssl.SSLError) as error:
        raise Refusal(f'certificate {chain} with key {key}: {error}') from error


def trust(context, authority):
    try:
        context.load_verify_locations(authority)
    except (OSError, ssl.SSLError) as error:
        raise Refusal(f'CA file {authority}: {error}') from error
