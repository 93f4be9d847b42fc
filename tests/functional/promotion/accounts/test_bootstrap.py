"""`promote bootstrap` against accounts in moto."""

DEV, PROD = "333333333333", "444444444444"
BUCKET = "acme-ml-dev-tfstate"


def buckets(aws, account_id):
    return [found["Name"] for found in aws.client("s3", account_id).list_buckets()["Buckets"]]


def test_bootstrap__no_bucket__creates_it_in_that_account_only(aws, project):
    result = project.promote("bootstrap", "dev")
    assert (result.exit_code, result.stdout) == (0, f"created s3://{BUCKET}\n")
    assert (buckets(aws, DEV), buckets(aws, PROD)) == ([BUCKET], [])


def test_bootstrap__twice__writes_nothing_the_second_time(aws, project):
    project.promote("bootstrap", "dev")
    aws.start_recording()
    result = project.promote("bootstrap", "dev")
    assert (result.exit_code, result.stdout) == (0, f"s3://{BUCKET} exists: nothing to do\n")
    assert aws.writes() == []


def test_bootstrap__dry_run__creates_nothing(aws, project):
    result = project.promote("bootstrap", "dev", "--dry-run")
    assert (result.exit_code, result.stdout) == (0, f"would create s3://{BUCKET}\n")
    assert buckets(aws, DEV) == []


def test_bootstrap__name_taken_by_another_account__says_so(aws, project):
    aws.client("s3", PROD).create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    result = project.promote("bootstrap", "dev")
    assert result.exit_code == 1
    assert (
        f"error: the bucket name {BUCKET} is taken by another account than {DEV}\n" in result.stderr
    )
    assert "choose another buckets.state" in result.stderr
