"""The AWS CLI at home: what people type every day."""

from __future__ import annotations

import os


def test_buckets_and_files(cli, account, tmp_path):
    bucket = f"cli-{account}"
    assert f"make_bucket: {bucket}" in cli("s3", "mb", f"s3://{bucket}")
    big = os.urandom(9 * 1024 * 1024)  # more than one part
    (tmp_path / "site" / "img").mkdir(parents=True)
    (tmp_path / "site" / "index.html").write_text("<p>hello")
    (tmp_path / "site" / "img" / "a b.bin").write_bytes(big)
    for file in (tmp_path / "site").rglob("*"):
        os.utime(file, (0, 0))  # S3 tells no fractions of seconds, so what is just written might look newer
    cli("s3", "sync", "site", f"s3://{bucket}/web")
    listed = cli("s3", "ls", f"s3://{bucket}/", "--recursive")
    assert "web/index.html" in listed and str(len(big)) in listed and "web/img/a b.bin" in listed
    assert "PRE img/" in cli("s3", "ls", f"s3://{bucket}/web/")
    assert cli("s3", "sync", "site", f"s3://{bucket}/web") == ""  # nothing changed
    cli("s3", "cp", f"s3://{bucket}/web/img/a b.bin", "back.bin")
    assert (tmp_path / "back.bin").read_bytes() == big
    cli("s3", "cp", f"s3://{bucket}/web/img/a b.bin", f"s3://{bucket}/copy.bin")
    assert cli("s3", "cp", f"s3://{bucket}/web/index.html", "-") == "<p>hello"
    url = cli("s3", "presign", f"s3://{bucket}/web/index.html").strip()
    assert bucket in url
    cli("s3", "rm", f"s3://{bucket}/web", "--recursive")
    assert cli("s3", "ls", f"s3://{bucket}").split()[-1] == "copy.bin"
    cli("s3", "rb", f"s3://{bucket}", "--force")
    assert bucket not in cli("s3", "ls")


def test_package(cli, account, tmp_path):
    """`aws cloudformation package` uploads code and says where it is."""
    bucket = f"cli-{account}"
    cli("s3", "mb", f"s3://{bucket}")
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "app.py").write_text("def handler(event, context): return event\n")
    (tmp_path / "template.yaml").write_text(
        "Transform: AWS::Serverless-2016-10-31\n"
        "Resources:\n  F:\n    Type: AWS::Serverless::Function\n"
        "    Properties: {CodeUri: code, Handler: app.handler, Runtime: python3.12}\n"
    )
    words = ("--template-file", "template.yaml", "--s3-bucket", bucket, "--output-template-file", "packaged.yaml")
    cli("cloudformation", "package", *words)
    assert f"CodeUri: s3://{bucket}/" in (tmp_path / "packaged.yaml").read_text()
    assert len(cli("s3", "ls", f"s3://{bucket}").splitlines()) == 1
    cli("cloudformation", "package", *words)  # the same code again is not uploaded again
    assert len(cli("s3", "ls", f"s3://{bucket}").splitlines()) == 1
