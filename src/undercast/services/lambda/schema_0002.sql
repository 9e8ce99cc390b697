-- Which rows name a package, so that those that none names can be deleted.
CREATE INDEX lambda_versions_code ON lambda_versions (code_key);

CREATE INDEX lambda_layers_code ON lambda_layers (code_key);
