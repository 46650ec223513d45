"""The peer of bench/load.py: users as Locust's own guide writes them, each waiting for its answer."""

from locust import FastHttpUser, constant_throughput, task


class Waiting(FastHttpUser):
    wait_time = constant_throughput(4)

    @task
    def get(self) -> None:
        self.client.get("/x")
