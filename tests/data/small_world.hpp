// A small made-up climate in a NetCDF file: four years of months on an 8 × 8 grid, two variables with a seasonal cycle.
#pragma once

#include <string>
#include <vector>

#include "data/task.hpp"

namespace fulmar::data::test {

constexpr std::size_t kWorldMonths = 48;
constexpr std::size_t kWorldPoints = 64;

/// The value written for a variable (0: "T", 1: "S"); the same on every machine.
double world_value(std::size_t variable, std::size_t month, std::size_t point);

/// Where `missing_everywhere` points (of T) are −999 at all times, and point 5 of T also in the first month.
std::string write_world(const std::string& file_name, const std::vector<std::size_t>& missing_everywhere = {});

/// Two years of training, one of validation, one of test, of the world in `path`.
DataSpec world_data(const std::string& path);
TaskSpec world_task();

}  // namespace fulmar::data::test
