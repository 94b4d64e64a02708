"""An AWS for Terraform: moto with the calls that it lacks, and with what a cluster of EKS brings by itself.

Runs under moto's own interpreter: `python moto_with_eks.py TOOL ARGUMENTS`, where TOOL is the module that adds the
calls and ARGUMENTS are those of moto's server.
"""

import base64
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

CERTIFICATE = "-----BEGIN CERTIFICATE-----\nof a cluster that is none\n-----END CERTIFICATE-----\n"


def complete() -> None:
    """Give each cluster its security group, which goes with it, and a certificate that can be decoded."""
    backend = import_module("moto.eks.models").EKSBackend
    networks = import_module("moto.ec2.models").ec2_backends
    created, deleted = backend.create_cluster, backend.delete_cluster

    def create(self: Any, name: str, *given: Any, **named: Any) -> Any:
        cluster = created(self, name, *given, **named)
        network = networks[self.account_id][self.region_name]
        vpc = network.get_subnet(cluster.resources_vpc_config["subnetIds"][0]).vpc_id
        group = network.create_security_group(f"eks-cluster-sg-{name}", "Nodes and control plane", vpc)
        cluster.resources_vpc_config |= {"vpcId": vpc, "clusterSecurityGroupId": group.id}
        cluster.certificate_authority = {"data": base64.b64encode(CERTIFICATE.encode()).decode()}
        return cluster

    def delete(self: Any, name: str) -> Any:
        cluster = deleted(self, name)
        network = networks[self.account_id][self.region_name]
        network.delete_security_group(group_id=cluster.resources_vpc_config["clusterSecurityGroupId"])
        return cluster

    backend.create_cluster, backend.delete_cluster = create, delete


if __name__ == "__main__":
    tool, *arguments = sys.argv[1:]
    sys.path.insert(0, str(Path(tool).parent))
    import_module(Path(tool).stem)
    complete()
    import_module("moto.server").main(arguments)
