. "$here/fate/fateflow/image.sh"
tag=federatedai/fateflow-spark:2.2.0-release
layers="$layers fateflow-spark"
