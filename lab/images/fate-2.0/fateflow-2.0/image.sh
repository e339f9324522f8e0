. "$here/fate/fateflow/image.sh"
tag=federatedai/fateflow:2.0.0-release
layers="$layers fateflow-2.0"
