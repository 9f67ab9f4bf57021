#include "data/gridded_dataset.hpp"

#include <algorithm>
#include <cmath>
#include <glob.h>
#include <utility>

namespace fulmar::data {
namespace {

constexpr std::string_view kPathKey = "[data] path";
constexpr std::string_view kVariableKey = "[data] targets or inputs";

Result<std::vector<std::string>> expand_patterns(const std::vector<std::string>& paths) {
  if (paths.empty()) return Error{std::string(kPathKey) + " is empty; give the path of a NetCDF file"};
  std::vector<std::string> expanded;
  for (const std::string& path : paths) {
    if (path.find_first_of("*?[") == std::string::npos) {
      expanded.push_back(path);
      continue;
    }
    glob_t matches{};
    const int status = glob(path.c_str(), 0, nullptr, &matches);  // sorted by name
    for (std::size_t i = 0; status == 0 && i < matches.gl_pathc; ++i) expanded.emplace_back(matches.gl_pathv[i]);
    globfree(&matches);
    if (status != 0)
      return Error{std::string(kPathKey) + " = \"" + path + "\": no file matches this pattern; check it with ls"};
  }
  return expanded;
}

bool nearly_equal(const std::vector<double>& a, const std::vector<double>& b) {
  constexpr double kDegrees = 1e-4;
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](double x, double y) { return std::abs(x - y) < kDegrees; });
}

}  // namespace

Result<GriddedDataset> GriddedDataset::open(const std::vector<std::string>& paths,
                                            const std::vector<std::string>& variables, const WindowSpec& window) {
  auto expanded = expand_patterns(paths);
  if (!expanded) return expanded.error();
  GriddedDataset dataset;
  dataset.names_ = variables;
  dataset.series_.resize(variables.size());
  std::shared_ptr<const NetcdfFile> last;
  for (const std::string& path : *expanded) {
    auto file = NetcdfFile::open(path, kPathKey);
    if (!file) return file.error();
    last = *file;
    for (std::size_t i = 0; i < variables.size(); ++i)
      if (const NetcdfVariable* variable = last->find(variables[i]))
        if (auto added = dataset.add(last, *variable, i, window); !added) return added.error();
  }
  for (std::size_t i = 0; i < variables.size(); ++i) {
    if (dataset.series_[i].steps.empty()) {
      if (auto found = last->variable(variables[i], kVariableKey); !found) return found.error();
      return Error{std::string(kVariableKey) + " = \"" + variables[i] + "\": " + last->path() +
                   " holds no time of it; give a file with at least one"};
    }
    std::stable_sort(dataset.series_[i].steps.begin(), dataset.series_[i].steps.end(),
                     [](const Step& a, const Step& b) { return a.seconds < b.seconds; });
  }
  if (auto checked = dataset.check_times(); !checked) return checked.error();
  for (const Step& step : dataset.series_.front().steps) dataset.dates_.push_back(step.date);
  return dataset;
}

Result<void> GriddedDataset::add(std::shared_ptr<const NetcdfFile> file, const NetcdfVariable& variable,
                                 std::size_t series, const WindowSpec& window) {
  auto layout = layout_of(*file, variable, kVariableKey);
  if (!layout) return layout.error();
  if (layout->time == nullptr)
    return Error{
        std::string(kVariableKey) + " = \"" + variable.name + "\": in " + file->path() +
        " it has no time dimension (units = \"days since …\"); a field without time belongs in [[data.static]]"};
  auto latitudes = file->read_coordinate(*layout->latitude);
  if (!latitudes) return latitudes.error();
  auto longitudes = file->read_coordinate(*layout->longitude);
  if (!longitudes) return longitudes.error();
  auto selected = select_window(file->path(), *latitudes, *longitudes, window);
  if (!selected) return selected.error();
  if (sources_.empty()) grid_ = selected->grid;
  if (!nearly_equal(grid_.latitudes, selected->grid.latitudes) ||
      !nearly_equal(grid_.longitudes, selected->grid.longitudes))
    return Error{file->path() + ": " + variable.name + " lies on another grid than " + names_.front() + " in " +
                 sources_.front().file->path() + "; give variables of one grid"};

  const auto located = [&](const Error& error) {
    return Error{file->path() + ": " + layout->time->name + ": " + error.message};
  };
  const auto calendar = parse_calendar(layout->time->text("calendar"));
  if (!calendar) return located(calendar.error());
  const auto units = TimeUnits::parse(layout->time->text("units"), *calendar);
  if (!units) return located(units.error());
  auto times = file->read_coordinate(*layout->time);
  if (!times) return times.error();
  series_[series].unit = variable.text("units");
  for (std::size_t i = 0; i < times->size(); ++i) {
    const double value = (*times)[i];
    if (!(std::abs(value) < 1e15))
      return located(Error{"time number " + std::to_string(i) + " is missing; every field needs its time"});
    series_[series].steps.push_back({units->seconds(value), units->date(value), sources_.size(), i});
  }
  sources_.push_back({std::move(file), *layout, selected->window});
  return {};
}

std::vector<std::string> GriddedDataset::files() const {
  std::vector<std::string> paths;
  for (const Source& source : sources_) paths.push_back(source.file->path());
  return paths;
}

Result<void> GriddedDataset::check_times() const {
  const std::vector<Step>& first = series_.front().steps;
  for (std::size_t i = 1; i < first.size(); ++i)
    if (first[i].seconds == first[i - 1].seconds)
      return Error{std::string(kPathKey) + ": " + describe(0, i) + " is there twice, also in " +
                   sources_[first[i - 1].source].file->path() + "; give files whose times do not overlap"};
  for (std::size_t v = 1; v < series_.size(); ++v) {
    const std::vector<Step>& other = series_[v].steps;
    const auto differs = std::mismatch(first.begin(), first.end(), other.begin(), other.end(),
                                       [](const Step& a, const Step& b) { return a.seconds == b.seconds; });
    if (differs.first == first.end() && differs.second == other.end()) continue;
    const Date date = differs.first != first.end() ? differs.first->date : differs.second->date;
    return Error{std::string(kPathKey) + ": " + names_[0] + " and " + names_[v] + " do not have the same times (" +
                 std::to_string(first.size()) + " and " + std::to_string(other.size()) +
                 "; the first difference is at " + to_string(date) + "); give files that hold both for every time"};
  }
  return {};
}

Result<void> GriddedDataset::read(std::size_t variable, std::size_t time, std::span<float> out) const {
  FULMAR_ASSERT(variable < series_.size() && time < dates_.size() && out.size() == grid_.size(),
                "a field outside the data set was asked for");
  const Step& step = series_[variable].steps[time];
  const Source& source = sources_[step.source];
  const GridWindow& window = source.window;
  const std::size_t rank = source.layout.variable->dimensions.size();
  std::vector<std::size_t> start(rank, 0), count(rank, 1);
  start[*source.layout.time_dimension] = step.index;
  start[rank - 2] = window.first_row;
  count[rank - 2] = window.rows;
  // One run of columns, and a second one where the window goes round the file's last column.
  std::vector<float> part;
  for (std::size_t done = 0; done < window.columns; done += count[rank - 1]) {
    start[rank - 1] = (window.first_column + done) % window.file_columns;
    count[rank - 1] = std::min(window.columns - done, window.file_columns - start[rank - 1]);
    part.resize(window.rows * count[rank - 1]);
    if (auto status = source.file->read(*source.layout.variable, start, count, part); !status)
      return Error{status.error().message + " (" + describe(variable, time) + ")"};
    for (std::size_t i = 0; i < window.rows; ++i) {
      const std::size_t row = window.north_first ? window.rows - 1 - i : i;
      std::copy_n(part.begin() + static_cast<std::ptrdiff_t>(i * count[rank - 1]), count[rank - 1],
                  out.begin() + static_cast<std::ptrdiff_t>(row * window.columns + done));
    }
  }
  return {};
}

std::string GriddedDataset::describe(std::size_t variable, std::size_t time) const {
  const Step& step = series_[variable].steps[time];
  return sources_[step.source].file->path() + ": " + names_[variable] + " at " + to_string(step.date);
}

}  // namespace fulmar::data
