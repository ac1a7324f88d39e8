import torch

from napari_hypseg.jobs import Progress, quietly
from napari_hypseg.jobs.worker_pool import at_most_cores, worker_pool


def test_each_thread_uses_one_core_and_the_caller_all_of_them_afterwards():
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        seen = []
        with worker_pool() as pool:
            assert pool.count == 3
            counts = pool.map(lambda _: torch.get_num_threads(), range(9), seen.append, lambda n: Progress("encode", n))
            quietly(counts)
        assert seen == [1] * 9
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


def test_fewer_cores_are_used_for_a_while():
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        with at_most_cores(2), worker_pool() as pool:
            assert pool.count == 2
        with at_most_cores(8), worker_pool() as pool:
            assert pool.count == 3
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)
