"""SecureStrings, and secrets seen as parameters."""

from __future__ import annotations

from tests.services.ssm.test_parameters import put, refused


def value(ssm, name, **options):
    return ssm.get_parameter(Name=name, **options)["Parameter"]["Value"]


def test_secure_string_is_decrypted_on_request(ssm, undercast, account):
    put(ssm, "/db/password", "do-not-find-me", "SecureString")
    assert "do-not-find-me" not in value(ssm, "/db/password")
    assert value(ssm, "/db/password", WithDecryption=True) == "do-not-find-me"
    rows = undercast.run(undercast.platform.store.scan("SELECT value FROM ssm_versions WHERE account = ?", account))
    assert rows and not any("do-not-find-me" in content for (content,) in rows)
    (shown,) = ssm.describe_parameters()["Parameters"]
    assert (shown["Type"], shown["KeyId"]) == ("SecureString", "alias/aws/ssm")
    for answer in (
        ssm.get_parameters(Names=["/db/password"], WithDecryption=True),
        ssm.get_parameters_by_path(Path="/db", WithDecryption=True),
        ssm.get_parameter_history(Name="/db/password", WithDecryption=True),
    ):
        assert answer["Parameters"][0]["Value"] == "do-not-find-me"


def test_large_secure_string(ssm):
    put(ssm, "large", "x" * 8000, "SecureString", Tier="Advanced")
    assert value(ssm, "large", WithDecryption=True) == "x" * 8000


def test_secure_string_needs_its_key(ssm, aws):
    kms = aws("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    put(ssm, "p", "v", "SecureString", KeyId=key)
    assert value(ssm, "p", WithDecryption=True) == "v"
    kms.disable_key(KeyId=key)
    assert refused(ssm.get_parameter, Name="p", WithDecryption=True) == "InvalidKeyId"
    assert refused(put, ssm, "q", "v", "SecureString", KeyId="alias/none") == "InvalidKeyId"
    assert refused(ssm.get_parameter, Name="q") == "ParameterNotFound"


def test_secret_as_a_parameter(ssm, aws):
    version = aws("secretsmanager").create_secret(Name="app/db", SecretString="s3cret")["VersionId"]
    name = "/aws/reference/secretsmanager/app/db"
    parameter = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]
    assert (parameter["Value"], parameter["Type"], parameter["Name"]) == ("s3cret", "SecureString", name)
    assert version in parameter["SourceResult"]
    assert value(ssm, f"{name}:AWSCURRENT", WithDecryption=True) == "s3cret"
    assert value(ssm, f"{name}:{version}", WithDecryption=True) == "s3cret"
    assert refused(ssm.get_parameter, Name=name) == "ValidationException"
    assert refused(ssm.get_parameter, Name=name + "x", WithDecryption=True) == "ParameterNotFound"
    answer = ssm.get_parameters(Names=[name, name + "x"], WithDecryption=True)
    assert (len(answer["Parameters"]), answer["InvalidParameters"]) == (1, [name + "x"])


def test_on_postgres(on_postgres, aws):
    ssm = aws("ssm", endpoint_url=on_postgres.url)
    put(ssm, "/a/b", "v", "SecureString")
    put(ssm, "/a/c")
    put(ssm, "/a/c", "w", Overwrite=True)
    assert value(ssm, "/a/b", WithDecryption=True) == "v"
    assert value(ssm, "/a/c:1") == "v"
    assert [p["Value"] for p in ssm.get_parameters_by_path(Path="/a", WithDecryption=True)["Parameters"]] == ["v", "w"]
    ssm.label_parameter_version(Name="/a/c", Labels=["l"])
    assert value(ssm, "/a/c:l") == "w"
    ssm.delete_parameters(Names=["/a/b", "/a/c"])
    assert ssm.describe_parameters()["Parameters"] == []
