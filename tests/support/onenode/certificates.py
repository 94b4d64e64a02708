"""Who is who in a cluster: an authority, a certificate and a kubeconfig for each component."""

import base64
import json
import os
from pathlib import Path

from onenode.running import run
from onenode.settings import API, API_SERVICE_IP, NODE, NODE_IP, Places

_CLIENTS = {
    "admin": "/O=system:masters/CN=admin",
    "ingress": "/O=system:masters/CN=ingress",
    "kubelet": f"/O=system:nodes/CN=system:node:{NODE}",
    "kube-proxy": "/CN=system:kube-proxy",
    "kube-scheduler": "/CN=system:kube-scheduler",
    "kube-controller-manager": "/CN=system:kube-controller-manager",
}
_LEAF = ("basicConstraints=critical,CA:FALSE", "extendedKeyUsage=clientAuth,serverAuth")
_NAMES = ("kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local")


def make(places: Places) -> None:
    """Write them all: keys and certificates below `pki`, kubeconfigs beside it, readable by their owner alone."""
    pki = places.state / "pki"
    pki.mkdir(mode=0o700)
    _certificate(pki, "ca", "/CN=cluster-ca", "keyUsage=critical,keyCertSign,digitalSignature")
    addresses = [f"IP:{address}" for address in (NODE_IP, API_SERVICE_IP, "127.0.0.1")]
    also = ",".join([*addresses, *(f"DNS:{name}" for name in _NAMES)])
    _certificate(pki, "apiserver", "/CN=kube-apiserver", *_LEAF, f"subjectAltName={also}")
    _certificate(pki, "apiserver-kubelet", "/O=system:masters/CN=apiserver-kubelet", *_LEAF)
    run("openssl", "genrsa", "-out", pki / "sa.key", "2048")
    run("openssl", "rsa", "-in", pki / "sa.key", "-pubout", "-out", pki / "sa.pub")
    for name, subject in _CLIENTS.items():
        _certificate(pki, name, subject, *_LEAF)
        path = places.kubeconfig if name == "admin" else kubeconfig_of(places.state, name)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(_kubeconfig(pki, places.name, name))


def kubeconfig_of(state: Path, component: str) -> Path:
    """What a component of the node presents itself with."""
    return state / f"{component}.kubeconfig"


def _certificate(pki: Path, file: str, subject: str, *extensions: str) -> None:
    """A key and its certificate; the authority signs all but its own."""
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", pki / f"{file}.key")
    named = ("-subj", subject, "-days", "365", "-x509", "-out", pki / f"{file}.crt")
    signer = ("-CA", pki / "ca.crt", "-CAkey", pki / "ca.key") if file != "ca" else ()
    more = (part for each in extensions for part in ("-addext", each))
    run("openssl", "req", *key, *named, *signer, *more)


def _kubeconfig(pki: Path, cluster: str, user: str) -> str:
    def data(file: str) -> str:
        return base64.b64encode((pki / file).read_bytes()).decode()

    keys = {"client-certificate-data": data(f"{user}.crt"), "client-key-data": data(f"{user}.key")}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": cluster,
        "clusters": [{"name": cluster, "cluster": {"server": API, "certificate-authority-data": data("ca.crt")}}],
        "users": [{"name": user, "user": keys}],
        "contexts": [{"name": cluster, "context": {"cluster": cluster, "user": user}}],
    }
    return json.dumps(config, indent=1)
