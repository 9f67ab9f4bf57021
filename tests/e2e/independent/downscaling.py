"""Task A2 in numpy, in double precision, from its definition: winds on 2.5 degrees from their means over 10 degrees."""
import datetime

import numpy

from . import netcdf3

WINDS = "/usr/share/ferret-vis/data/monthly_navy_winds.cdf"
RELIEF = "/usr/share/ferret-vis/data/etopo60.cdf"
FACTOR = 4
ROWS = 72  # 90 S to 87.5 N
YEARS = {"train": (1982, 1988), "validation": (1989, 1990), "test": (1991, 1992)}


def block_means(fine):
    *rest, rows, columns = fine.shape
    return fine.reshape(*rest, rows // FACTOR, FACTOR, columns // FACTOR, FACTOR).mean(axis=(-3, -1))


def nearest(coarse):
    return coarse.repeat(FACTOR, axis=-2).repeat(FACTOR, axis=-1)


def bilinear(coarse):
    """The centre of fine point i lies at (i - 1.5) / 4 between the coarse ones."""
    for axis, periodic in ((-2, False), (-1, True)):
        count = coarse.shape[axis]
        at = (numpy.arange(count * FACTOR) - (FACTOR - 1) / 2) / FACTOR
        if not periodic:
            at = at.clip(0, count - 1)
        lower = numpy.floor(at).astype(int)
        shape = [-1 if axis == other else 1 for other in (-2, -1)]
        fraction = (at - lower).reshape(shape)
        upper = (lower + 1) % count if periodic else (lower + 1).clip(max=count - 1)
        coarse = coarse.take(lower % count, axis) * (1 - fraction) + coarse.take(upper, axis) * fraction
    return coarse


def dates_of(variables, time_name):
    """The axis counts hours since a date that its units name."""
    time = variables[time_name]
    unit, epoch = time.attributes["units"].split(" since ")
    assert unit.lower().rstrip("s") == "hour", unit
    begin = datetime.datetime.strptime(epoch.strip(), "%Y-%m-%d %H:%M:%S")
    return [begin + datetime.timedelta(hours=float(hours)) for hours in time.values]


def relief_on(latitudes, longitudes):
    """Mean relief of the 1-degree points within 1.25 degrees of latitude and of longitude of each point."""
    variables = netcdf3.read(RELIEF)
    rose = variables["ROSE"]
    south_north, west_east = (variables[name].values.astype(float) for name in rose.dimensions)
    near_rows = abs(south_north[None, :] - latitudes[:, None]) <= 1.25 + 1e-6
    away = (west_east[None, :] - longitudes[:, None] + 180) % 360 - 180
    near_columns = abs(away) <= 1.25 + 1e-6
    sums = near_rows.astype(float) @ rose.values.astype(float) @ near_columns.T.astype(float)
    return sums / numpy.outer(near_rows.sum(axis=1), near_columns.sum(axis=1))


class Task:
    def __init__(self):
        variables = netcdf3.read(WINDS)
        time_name, latitude_name, longitude_name = variables["UWND"].dimensions
        latitudes = variables[latitude_name].values[:ROWS].astype(float)
        longitudes = variables[longitude_name].values.astype(float)
        fields = [variables[name].values[:, :ROWS].astype(float) for name in ("UWND", "VWND")]
        self.fine = numpy.stack(fields, axis=1)  # [time, variable, latitude, longitude]
        assert abs(self.fine).max() < 99, "a missing value"
        dates = dates_of(variables, time_name)
        self.months = numpy.array([date.month - 1 for date in dates])
        years = numpy.array([date.year for date in dates])
        self.times = {name: numpy.flatnonzero((years >= first) & (years <= last))
                      for name, (first, last) in YEARS.items()}
        weight = numpy.cos(numpy.radians(latitudes)) * (abs(latitudes) < 89.99)
        self.weight = numpy.repeat(weight[:, None], len(longitudes), axis=1) / (weight.sum() * len(longitudes))

        train = self.times["train"]
        self.climatology = numpy.stack([self.fine[train][self.months[train] == month].mean(axis=0)
                                        for month in range(12)])
        self.mean = (self.fine[train].mean(axis=0) * self.weight).sum(axis=(1, 2))[:, None, None]
        self.deviation = self.rms(self.fine[train] - self.mean)
        self.anomaly_rms = self.rms(self.fine[train] - self.climatology[self.months[train]])
        relief = relief_on(latitudes, longitudes)
        rows = numpy.radians(latitudes)[:, None] + numpy.zeros((1, len(longitudes)))
        self.constants = numpy.stack([relief > 0, relief.clip(min=0) / 1000, numpy.sin(rows), numpy.cos(rows)])

    def rms(self, errors):
        """Over times and variables, area weighted."""
        return numpy.sqrt((errors**2 * self.weight).sum(axis=(-2, -1)).mean())

    def coarse_anomaly(self, time):
        return block_means(self.fine[time] - self.climatology[self.months[time]])

    def input(self, time):
        """What the network is given: [channel, latitude, longitude], in the order of data/downscale_task.hpp."""
        month = self.months[time]
        anomaly = self.coarse_anomaly(time)
        field = bilinear(block_means(self.fine[time]))
        year = numpy.ones((1, *self.weight.shape))
        return numpy.concatenate([
            bilinear(anomaly) / self.anomaly_rms, nearest(anomaly) / self.anomaly_rms,
            (field - self.mean) / self.deviation, (self.climatology[month] - self.mean) / self.deviation,
            self.constants, year * numpy.sin(numpy.pi * month / 6), year * numpy.cos(numpy.pi * month / 6)])

    def base(self, time):
        """What the network corrects."""
        return self.climatology[self.months[time]] + bilinear(self.coarse_anomaly(time))

    def rmse(self, split, correction):
        """Of base(time) + correction(time), where the correction is in units of the anomalies' RMS."""
        return self.rms(numpy.stack([self.base(time) + correction(time) * self.anomaly_rms - self.fine[time]
                                     for time in self.times[split]]))
