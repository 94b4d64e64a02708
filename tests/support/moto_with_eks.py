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


def group_users() -> None:
    """Groups of Redis' users, of which moto knows the users only."""
    answers = import_module("moto.elasticache.responses")
    result, of = answers.ActionResult, answers.ElastiCacheResponse
    refused = import_module("moto.elasticache.exceptions").ElastiCacheException
    missing = type("UserGroupNotFound", (refused,), {"code": "UserGroupNotFound"})
    backend = import_module("moto.elasticache.models").ElastiCacheBackend

    def groups(self: Any) -> dict[str, Any]:
        found: dict[str, Any] = self.elasticache_backend.__dict__.setdefault("user_groups", {})
        return found

    def create(self: Any) -> Any:
        given = self._get_params()
        name = given["UserGroupId"]
        arn = f"arn:aws:elasticache:{self.region}:{self.current_account}:usergroup:{name}"
        groups(self)[name] = {
            "UserGroupId": name,
            "ARN": arn,
            "Engine": given["Engine"].lower(),
            "UserIds": given["UserIds"],
            "Status": "active",
        }
        self.elasticache_backend.tagging_service.tag_resource(arn, given.get("Tags", []))
        return result(groups(self)[name])

    def describe(self: Any) -> Any:
        name = self._get_param("UserGroupId")
        if name not in groups(self):
            raise missing(f"User group {name} not found.")
        return result({"UserGroups": [groups(self)[name]]})

    def delete(self: Any) -> Any:
        return result({**groups(self).pop(self._get_param("UserGroupId")), "Status": "deleting"})

    of.create_user_group, of.describe_user_groups, of.delete_user_group = create, describe, delete
    # moto would refuse the tags of what it does not know.
    backend.list_tags_for_resource = lambda self, arn: self.tagging_service.list_tags_for_resource(arn)


if __name__ == "__main__":
    tool, *arguments = sys.argv[1:]
    sys.path.insert(0, str(Path(tool).parent))
    import_module(Path(tool).stem)
    complete()
    group_users()
    import_module("moto.server").main(arguments)
