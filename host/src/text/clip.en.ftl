# What is said when clips are taken in.
