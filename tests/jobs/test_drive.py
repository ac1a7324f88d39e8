from napari_hypseg.jobs import Command, Progress, drive, quietly


def counting(n):
    for step in range(n):
        if (yield Progress("count", step, n)) is Command.STOP:
            return step
    return n


def test_quietly_returns_the_result():
    assert quietly(counting(5)) == 5


def test_a_command_reaches_the_job():
    assert drive(counting(5), lambda event: Command.STOP if event.step == 2 else None) == 2


def test_fraction():
    assert Progress("x", 3, 4).fraction == 0.75
    assert Progress("x", 3).fraction is None
