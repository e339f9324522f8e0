. "$here/fate/osx/image.sh"
tag=federatedai/osx:2.0.0-release
layers="$layers osx-2.0"
