#include "tests/data/small_world.hpp"

#include <algorithm>

#include <netcdf.h>

#include "tests/data/netcdf_writer.hpp"

namespace fulmar::data::test {

double world_value(std::size_t variable, std::size_t month, std::size_t point) {
  const auto season = static_cast<double>((month % 12 < 6 ? month % 12 : 12 - month % 12) * (point / 8));
  const std::size_t noise = (month * 7919 + point * 104729 + variable * 1299709 + month * point * 31) % 97;
  return 280.0 + 5.0 * static_cast<double>(variable) + season + static_cast<double>(noise) / 16.0;
}

std::string write_world(const std::string& file_name, const std::vector<std::size_t>& missing_everywhere) {
  NetcdfWriter writer(file_name);
  writer.axis("t", "days since 2001-01-01", month_days(kWorldMonths));
  writer.text("t", "calendar", "360_day");
  writer.axis("y", "degrees_north", {-70, -50, -30, -10, 10, 30, 50, 70});
  writer.axis("x", "degrees_east", {0, 45, 90, 135, 180, 225, 270, 315});
  for (std::size_t variable = 0; variable < 2; ++variable) {
    std::vector<double> values;
    for (std::size_t month = 0; month < kWorldMonths; ++month)
      for (std::size_t point = 0; point < kWorldPoints; ++point) {
        const bool gone =
            std::find(missing_everywhere.begin(), missing_everywhere.end(), point) != missing_everywhere.end();
        const bool missing = variable == 0 && !missing_everywhere.empty() && (gone || (month == 0 && point == 5));
        values.push_back(missing ? -999 : world_value(variable, month, point));
      }
    const std::string name = variable == 0 ? "T" : "S";
    writer.variable(name, NC_FLOAT, {"t", "y", "x"}, values);
    writer.number(name, "_FillValue", NC_FLOAT, -999);
    writer.text(name, "units", "K");
  }
  return writer.close();
}

DataSpec world_data(const std::string& path) {
  DataSpec data;
  data.paths = {path};
  data.targets = {"T", "S"};
  data.train = {"2001-01", "2002-12"};
  data.validation = {"2003-01", "2003-12"};
  data.test = {"2004-01", "2004-12"};
  return data;
}

TaskSpec world_task() {
  TaskSpec task;
  task.factor = 2;
  return task;
}

}  // namespace fulmar::data::test
