"""Blocks give the same leaves in threads, in processes and on a dask cluster, one worker of which is killed."""

import os
import signal
import threading
from collections import Counter
from concurrent.futures import CancelledError, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.reduction import ForkingPickler
from socketserver import BaseRequestHandler, ThreadingTCPServer

import numpy as np
import pytest
from distributed import Client, KilledWorker, LocalCluster
from distributed.comm.core import CommClosedError

from napari_hypseg import pipeline
from napari_hypseg.errors import HypsegError, SettingError
from napari_hypseg.io.opening import open_volume
from napari_hypseg.io.writing import write_volume
from napari_hypseg.jobs import Progress, drive, quietly
from napari_hypseg.pipeline import dask_cluster
from napari_hypseg.pipeline.dask_cluster import dask_executor
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.supervoxels import tile_groups
from napari_hypseg.volumes import Specimen
from napari_hypseg.volumes.phantom import phantom


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("spread")
    made = phantom((60, 100, 100), seed=2).volume
    (path,) = write_volume(folder / "a.mrc", made, made.box)
    settings = {"model": {"width": 4, "latent_dim": 3}, "training": {"steps": 1, "crop": 16}, "leaves": {"leaves": 20}}
    project = Project.create(folder / "p", [Specimen(open_volume(path))], RunSettings.check(settings))
    quietly(pipeline.learn(project))
    return project


@pytest.fixture(scope="module")
def leaves(project):
    return leaves_of(project, quietly(pipeline.segment(project)))


@pytest.fixture(scope="module")
def cluster():
    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=":0", scheduler_port=0, host="127.0.0.1"
    ) as made:
        yield made


def leaves_of(project, fingerprint):
    return project.store.load_segmentation(fingerprint, 1).leaves[0][:]


@dataclass(frozen=True)
class Little:
    """So little memory that basins of neighbouring tiles are merged first."""

    regions_held: int = 300
    bytes: int = 10**9
    workers: int = 2


class Watched(ProcessPoolExecutor):
    """Notes the functions that its processes compute, and the bytes that are sent to them."""

    def __init__(self, *given):
        super().__init__(*given)
        self.functions, self.sent = Counter(), 0

    def submit(self, function, task):
        self.functions[getattr(task.function, "func", task.function).__name__] += 1
        self.sent = max(self.sent, len(ForkingPickler.dumps(task)))
        return super().submit(function, task)


@pytest.mark.parametrize("memory", [None, Little()])
def test_two_processes_give_the_same_leaves(project, memory, monkeypatch):
    monkeypatch.setattr(tile_groups, "GROUP", 400)
    here = quietly(pipeline.segment(project, memory))
    leaves = leaves_of(project, here)
    with Watched(2, get_context("spawn")) as executor:
        found = quietly(pipeline.segment(project, memory, executor))
    np.testing.assert_array_equal(leaves_of(project, found), leaves)
    assert found == here, "the trees are the same too"
    merging = {"_merge_group"} if memory else set()
    stages = {"_tile_basins", "_block_sums", "_contacts_of_tile", "_of_block", "_write_tile", "_count"}
    assert set(executor.functions) == stages | merging
    assert executor.sent < 100_000, "what grows with the volume is read from disk, not sent"


def test_a_dask_cluster_gives_the_same_leaves_though_a_worker_is_killed(project, leaves, cluster):
    killed = []

    def kill(event):
        if isinstance(event, Progress) and event.stage == "encode" and event.step >= 2 and not killed:
            with Client(cluster.scheduler_address, set_as_default=False) as client:
                pids = client.run(os.getpid)
            killed.append(min(pids.values()))
            os.kill(killed[0], signal.SIGKILL)

    with dask_executor(cluster.scheduler_address) as executor:
        found = drive(pipeline.segment(project, executor=executor), kill)
    assert killed
    np.testing.assert_array_equal(leaves_of(project, found), leaves)


def test_processes_that_end_are_told_in_a_sentence(project):
    class Broken(ProcessPoolExecutor):
        def submit(self, *given):
            raise BrokenProcessPool

    with pytest.raises(HypsegError, match="segment again to go on"):
        quietly(pipeline.segment(project, executor=Broken(1)))


def test_an_address_that_does_not_answer(monkeypatch):
    monkeypatch.setattr(dask_cluster, "TIMEOUT", 0.3)
    with pytest.raises(SettingError, match=r"No dask scheduler answers at tcp://127\.0\.0\.1:9;") as caught:
        dask_executor("tcp://127.0.0.1:9").__enter__()
    assert caught.value.setting == "scheduler"
    with pytest.raises(SettingError, match="No dask scheduler answers at nonsense"):
        dask_executor("nonsense").__enter__()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (CommClosedError(), "scheduler at tcp://.* does not answer any more"),
        (CancelledError(), "scheduler at tcp://.* does not answer any more"),
        (KilledWorker("block", None, 3), "Workers of .* have ended on one block again and again"),
    ],
)
def test_a_cluster_that_ends_is_told_in_a_sentence(cluster, error, words):
    with pytest.raises(HypsegError, match=words), dask_executor(cluster.scheduler_address):
        raise error


def test_an_address_at_which_a_web_page_answers():
    class Page(BaseRequestHandler):
        def handle(self):
            self.request.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            self.request.recv(1000)

    with ThreadingTCPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        with pytest.raises(SettingError, match=r"What answers at tcp://127\.0\.0\.1:\d+ is no dask scheduler"):
            dask_executor(f"tcp://127.0.0.1:{server.server_address[1]}").__enter__()
        server.shutdown()
        thread.join()


def test_workers_without_the_package(monkeypatch, cluster):
    monkeypatch.setattr(dask_cluster, "PACKAGE", "no-such-package")
    monkeypatch.setattr(dask_cluster, "own_version", lambda: "1.0")
    with pytest.raises(SettingError, match="no-such-package is not installed where the worker tcp://"):
        dask_executor(cluster.scheduler_address).__enter__()


def test_workers_of_another_version(monkeypatch, cluster):
    monkeypatch.setattr(dask_cluster, "own_version", lambda: "99.0")
    with pytest.raises(SettingError, match=r"has version .* here is 99\.0; install the same"):
        dask_executor(cluster.scheduler_address).__enter__()


def test_a_cluster_without_workers():
    with (
        LocalCluster(n_workers=0, dashboard_address=":0", scheduler_port=0, host="127.0.0.1") as empty,
        pytest.raises(SettingError, match="has no workers"),
    ):
        dask_executor(empty.scheduler_address).__enter__()
