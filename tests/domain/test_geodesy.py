"""Checked against distances worked out another way: the angle between two vectors, and parts of the earth's circumference."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkstand.domain.geodesy import KM_PER_MILE, distance_km

LATITUDES = st.floats(-90, 90)
LONGITUDES = st.floats(-180, 180)


@pytest.mark.parametrize(
    ("here", "there", "kilometres"),
    [
        ((30.2672, -97.7431), (32.7767, -96.7970), 293.095),  # Austin, Dallas
        ((51.5074, -0.1278), (48.8566, 2.3522), 343.56),  # London, Paris
        ((0, 0), (0, 1), 111.195),  # a degree along the equator
        ((0, 0), (90, 0), 10007.557),  # a quarter of a meridian
        ((-18.1416, 178.4419), (-13.8333, -171.7667), 1150.704),  # Suva, Apia: across the date line
    ],
)
def test_the_distance_is_measured_along_a_great_circle(
    here: tuple[float, float], there: tuple[float, float], kilometres: float
) -> None:
    assert distance_km(*here, *there) == pytest.approx(kilometres, abs=0.01)


def test_opposite_points_are_half_a_circumference_apart() -> None:
    assert distance_km(30.2672, -97.7431, -30.2672, 82.2569) == pytest.approx(20015.115, abs=0.01)


def test_all_longitudes_meet_at_a_pole() -> None:
    assert distance_km(90, 12, 90, -140) == pytest.approx(0, abs=0.001)


def test_a_mile_is_the_international_one() -> None:
    assert KM_PER_MILE == 1.609344


@given(LATITUDES, LONGITUDES, LATITUDES, LONGITUDES)
def test_there_and_back_are_as_far_and_never_beyond_half_a_circumference(
    latitude: float, longitude: float, other_latitude: float, other_longitude: float
) -> None:
    there = distance_km(latitude, longitude, other_latitude, other_longitude)
    back = distance_km(other_latitude, other_longitude, latitude, longitude)

    assert there == pytest.approx(back, abs=1e-6)
    assert 0 <= there <= 20015.2


@given(LATITUDES, LONGITUDES)
def test_a_place_is_at_no_distance_from_itself(latitude: float, longitude: float) -> None:
    assert distance_km(latitude, longitude, latitude, longitude) == 0
