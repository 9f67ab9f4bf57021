// The variables of a run as one series of horizontal fields on one grid, whatever files they lie in: files are joined
// along time and by variable.
//
// Thread rule: immutable after open(); read() may be called from any thread.
//
// DATASET-1: every variable has the same times, strictly ascending, on the same grid.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/calendar.hpp"
#include "data/field_layout.hpp"
#include "data/grid.hpp"
#include "data/netcdf_file.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::data {

class GriddedDataset {
 public:
  /// A path may be a shell pattern ("winds_*.nc"). Errors name the [data] key, the file and the variable.
  static Result<GriddedDataset> open(const std::vector<std::string>& paths, const std::vector<std::string>& variables,
                                     const WindowSpec& window);

  const Grid& grid() const { return grid_; }
  const std::vector<Date>& dates() const { return dates_; }
  const std::vector<std::string>& variables() const { return names_; }
  /// The paths that it is read from, each as often as a variable lies in it.
  std::vector<std::string> files() const;
  /// As the file says; "" where it does not.
  const std::string& unit(std::size_t variable) const { return series_[variable].unit; }

  /// The field of `variable` at dates()[time] into `out`, grid().size() floats, NaN where it is missing.
  Result<void> read(std::size_t variable, std::size_t time, std::span<float> out) const;

  /// "FILE: UWND at 1982-01-16", for messages.
  std::string describe(std::size_t variable, std::size_t time) const;

 private:
  struct Source {
    std::shared_ptr<const NetcdfFile> file;
    FieldLayout layout;
    GridWindow window;
  };
  struct Step {
    std::int64_t seconds = 0;
    Date date;
    std::size_t source = 0;
    std::size_t index = 0;  ///< along the source's time dimension
  };
  struct Series {
    std::string unit;
    std::vector<Step> steps;
  };

  Result<void> add(std::shared_ptr<const NetcdfFile> file, const NetcdfVariable& variable, std::size_t series,
                   const WindowSpec& window);
  Result<void> check_times() const;

  Grid grid_;
  std::vector<Date> dates_;
  std::vector<std::string> names_;
  std::vector<Source> sources_;
  std::vector<Series> series_;
};

}  // namespace fulmar::data
