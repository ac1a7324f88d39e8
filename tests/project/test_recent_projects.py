import shutil

from napari_hypseg.project.recent_projects import MOST, RecentProjects


def made(folder):
    folder.mkdir(parents=True)
    (folder / "project.json").write_text("{}")
    return folder


def test_the_newest_come_first_each_once_and_only_those_that_exist(tmp_path):
    recent = RecentProjects(tmp_path / "state" / "recent.json")
    assert recent.existing() == ()
    projects = [made(tmp_path / f"{number}.hypseg") for number in range(MOST + 2)]
    for project in (*projects, projects[5]):
        recent.add(project)
    newest = [projects[5], *(one for one in reversed(projects) if one != projects[5])][:MOST]
    assert RecentProjects(tmp_path / "state" / "recent.json").existing() == tuple(newest)
    shutil.rmtree(newest[1])
    assert recent.existing() == (newest[0], *newest[2:])


def test_the_list_is_cleared_and_projects_stay(tmp_path):
    recent = RecentProjects(tmp_path / "recent.json")
    project = made(tmp_path / "a.hypseg")
    recent.add(project)
    recent.clear()
    assert recent.existing() == ()
    assert (project / "project.json").exists()


def test_a_damaged_list_is_an_empty_one(tmp_path):
    (tmp_path / "recent.json").write_text('{"no": "list"')
    recent = RecentProjects(tmp_path / "recent.json")
    assert recent.existing() == ()
    recent.add(made(tmp_path / "a.hypseg"))
    assert len(recent.existing()) == 1
