"""AWS::Serverless-2016-10-31: AWS's own SAM translator, run without network."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import SimpleNamespace
from typing import Any

from undercast.engines.templates.errors import TemplateError
from undercast.engines.templates.pseudo import Pseudo

_FAILED = "Transform AWS::Serverless-2016-10-31 failed with: "


def transform(template: Mapping[str, Any], parameters: Mapping[str, str | list[str]], pseudo: Pseudo) -> dict[str, Any]:
    """The template with its AWS::Serverless::… resources made into CloudFormation's.

    Generated names (of deployments, versions) are those that AWS generates. Raises TemplateError with all of the
    translator's findings in one sentence, as CloudFormation does.
    """
    # The translator loads boto3, pydantic and hundreds of models: 0.5 s that only a SAM template should cost.
    from samtranslator.metrics.metrics import DummyMetricsPublisher, Metrics  # noqa: PLC0415
    from samtranslator.model.exceptions import ExceptionWithMessage, InvalidDocumentException  # noqa: PLC0415
    from samtranslator.parser.parser import Parser  # noqa: PLC0415
    from samtranslator.translator.translator import Translator  # noqa: PLC0415
    from samtranslator.utils.py27hash_fix import (  # noqa: PLC0415
        to_py27_compatible_template,
        undo_mark_unicode_str_in_template,
    )

    document, values = copy.deepcopy(dict(template)), {**parameters, **_pseudo_values(pseudo)}
    session = SimpleNamespace(region_name=pseudo.region)  # all that the translator asks of a boto3 session
    metrics = Metrics("ServerlessTransform", DummyMetricsPublisher())
    try:
        to_py27_compatible_template(document, values)
        translator = Translator(_managed_policies(pseudo.partition), Parser(), boto_session=session, metrics=metrics)
        translated = translator.translate(document, values, passthrough_metadata=True)
        result: dict[str, Any] = undo_mark_unicode_str_in_template(translated)
    except InvalidDocumentException as error:
        causes = " ".join(sorted(cause.message for cause in error.causes))
        raise TemplateError(f"{_FAILED}{error.message} {causes}") from None
    except ExceptionWithMessage as error:
        raise TemplateError(_FAILED + error.message) from None
    except Exception as error:  # it trips over malformed documents in any way, and the template is to blame
        raise TemplateError(f"{_FAILED}Invalid Serverless Application Specification document. {error!r}") from error
    finally:
        metrics.publish()  # to nobody; it warns on stderr if nobody asked for them
    result.pop("Transform", None)
    return result


def _pseudo_values(pseudo: Pseudo) -> dict[str, str]:
    return {
        "AWS::AccountId": pseudo.account_id,
        "AWS::Partition": pseudo.partition,
        "AWS::Region": pseudo.region,
        "AWS::StackId": pseudo.stack_id,
        "AWS::StackName": pseudo.stack_name,
        "AWS::URLSuffix": pseudo.url_suffix,
    }


@cache
def _managed_policies(partition: str) -> dict[str, str]:
    """Name -> ARN of AWS's managed policies, from the translator's own table."""
    table = files("samtranslator") / "internal/data/aws_managed_policies.json"
    policies: dict[str, dict[str, str]] = json.loads(table.read_text())
    return policies.get(partition, policies["aws"])
