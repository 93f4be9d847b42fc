"""Packaging of the promotion platform; tool configuration is in pyproject.toml."""

from setuptools import find_namespace_packages, setup

setup(
    name="sagemaker-promotion",
    version="0.1.0",
    description="Plan, gate, promote and roll back SageMaker pipelines across AWS accounts.",
    license="Apache-2.0",
    python_requires=">=3.11",
    packages=find_namespace_packages(include=["promotion*", "sandbox*", "pipelines*"]),
    include_package_data=True,
    package_data={"": ["*.j2", "*.toml", "*.md", "py.typed"]},
    install_requires=[
        "boto3>=1.43,<2",
        "cryptography>=48",
        "jinja2>=3.1,<4",
        "orjson>=3.11,<4",
        "pydantic>=2.12,<3",
        "rich>=14,<16",
        "securesystemslib>=1.6,<2",
        "typer>=0.20,<1",
    ],
    extras_require={
        "build": ["sagemaker>=3.27,<4"],
        "sandbox": [
            "aws-croniter>=2.1,<3",
            "datasketches==5.1.0",
            "duckdb==1.2.2",
            "moto[awslambda,dynamodb,events,iam,s3,server,sns,sqs,stepfunctions]==5.2.5",
            "pandas>=2.2,<4",
            "policy-sentry==0.15.2",
            "scikit-learn>=1.5,<2",
            "scipy>=1.13,<2",
            "xgboost-cpu==3.2.0",
        ],
        "dev": [
            "boto3-stubs[dynamodb,events,iam,kms,lambda,s3,sagemaker,sns,sqs,sts]",
            "hypothesis>=6.140",
            "import-linter>=2.5",
            "mypy>=1.18",
            "pandas-stubs",
            # From 9.2 on, the groups of pytest-xdist 3.8 are not kept, and each worker applies its
            # own Terraform.
            "pytest>=8.4,<9",
            "pytest-cov>=7",
            "pytest-timeout>=2.4",
            "pytest-xdist>=3.8",
            "python-hcl2>=7",
            "ruff>=0.14",
        ],
    },
    entry_points={
        "console_scripts": ["promote=promotion.cli.main:main", "sandbox=sandbox.cli:main"],
    },
)
