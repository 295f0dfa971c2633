"""How fast, how small and how quickly up the server is, against a floor measured in the same run: `make bench`.

The files, in the order of a measurement: `servers` starts what is measured, `shop` prepares requests, `load` sends them,
`speed`, `growth` and `cases` say which, `scale` how often, `report` compares the figures with the bars. `floor` and
`ceiling` are the two servers to compare with: the least that a durable request can cost, and the most that the load
generator can send.
"""
