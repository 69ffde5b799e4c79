"""Where the simulated printers of several demos on one machine are found."""

import socket

from demo import farm


def test_two_demos_on_one_machine_have_farms_of_their_own():
    port = 8000 + 61
    first = farm.free_network(port)
    with socket.socket() as control:
        control.bind((farm.control_host(first), farm.CONTROL_PORT))
        control.listen()

        second = farm.free_network(port + farm.NETWORKS)

    ours = {site.host for site in farm.sites(1, "north", 12, first, port)}
    assert second != first
    assert ours.isdisjoint(site.host for site in farm.sites(1, "north", 12, second, port + farm.NETWORKS))
    assert all(host.startswith(f"127.{first}.") for host in ours)


def test_without_another_demo_the_port_says_where_the_farm_is():
    taken = farm.free_network(8000 + 5)

    assert taken in range(64, 64 + farm.NETWORKS)
    assert farm.free_network(8000 + 5 + farm.NETWORKS) == taken
