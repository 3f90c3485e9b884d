# What desk, player and console say in common.
# Each .ftl file has a Vietnamese one beside it with the very same ids.
