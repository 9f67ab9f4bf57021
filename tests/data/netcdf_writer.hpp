// Small NetCDF files for tests, written with libnetcdf itself into a directory that is removed at exit.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace fulmar::data::test {

/// A path of this name in a directory of this test program's own.
std::string temporary_path(const std::string& name);

class NetcdfWriter {
 public:
  /// `format`: 0 (classic), NC_64BIT_OFFSET or NC_NETCDF4.
  explicit NetcdfWriter(const std::string& name, int format = 0);

  const std::string& path() const { return path_; }

  /// A dimension with its coordinate variable (double).
  void axis(const std::string& name, const std::string& units, const std::vector<double>& values);
  void variable(const std::string& name, int type, const std::vector<std::string>& dimensions,
                const std::vector<double>& values);
  void text(const std::string& variable, const std::string& attribute, const std::string& value);
  void number(const std::string& variable, const std::string& attribute, int type, double value);

  /// Writes everything and closes the file; returns its path.
  std::string close();

 private:
  int id_of(const std::string& variable) const;

  std::string path_;
  int file_ = -1;
  std::vector<std::pair<int, std::vector<double>>> pending_;
};

/// The 15th of each of `count` months, in days since the first one began, in the 360_day calendar.
std::vector<double> month_days(std::size_t count);

}  // namespace fulmar::data::test
