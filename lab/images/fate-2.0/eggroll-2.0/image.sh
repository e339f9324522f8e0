. "$here/fate/eggroll/image.sh"
tag=federatedai/eggroll:2.0.0-release
layers="$layers eggroll-2.0"
