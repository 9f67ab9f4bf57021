#include "data/netcdf_file.hpp"

#include <array>
#include <cmath>
#include <filesystem>
#include <limits>
#include <mutex>
#include <numeric>
#include <optional>

#include <netcdf.h>

#include "runtime/vocabulary/nearest_name.hpp"

namespace fulmar::data {
namespace {

constexpr double kLargestPlausible = 1e30;  // fill values of ±1e34 and 9.97e36 that no attribute declares

std::mutex& library_mutex() {
  static std::mutex mutex;
  return mutex;
}

/// What a file without _FillValue holds where nothing was written. Bytes have none: all their values are in use.
std::optional<double> default_fill(int type) {
  switch (type) {
    case NC_SHORT:
      return NC_FILL_SHORT;
    case NC_USHORT:
      return NC_FILL_USHORT;
    case NC_INT:
      return NC_FILL_INT;
    case NC_UINT:
      return NC_FILL_UINT;
    case NC_INT64:
      return static_cast<double>(NC_FILL_INT64);
    case NC_UINT64:
      return static_cast<double>(NC_FILL_UINT64);
    default:
      return std::nullopt;  // those of float and double lie beyond kLargestPlausible
  }
}

bool is_number(int type) {
  return (type >= NC_BYTE && type <= NC_DOUBLE && type != NC_CHAR) || (type >= NC_UBYTE && type <= NC_UINT64);
}

/// Turns packed values into physical ones.
class Unpacking {
 public:
  explicit Unpacking(const NetcdfVariable& variable) {
    scale_ = number(variable, "scale_factor").value_or(1.0);
    offset_ = number(variable, "add_offset").value_or(0.0);
    // A float variable's fill may be declared as a double: −99.9 there must equal −99.9f here.
    for (const char* attribute : {"_FillValue", "missing_value"})
      if (const auto found = variable.numbers.find(attribute); found != variable.numbers.end())
        for (const double value : found->second)
          missing_.push_back(variable.type == NC_FLOAT ? static_cast<double>(static_cast<float>(value)) : value);
    if (!variable.numbers.contains("_FillValue"))
      if (const auto fill = default_fill(variable.type)) missing_.push_back(*fill);
  }

  float operator()(double packed) const {
    if (!(std::abs(packed) < kLargestPlausible)) return std::numeric_limits<float>::quiet_NaN();  // NaN too
    for (const double missing : missing_)
      if (packed == missing) return std::numeric_limits<float>::quiet_NaN();
    return static_cast<float>(packed * scale_ + offset_);
  }

 private:
  static std::optional<double> number(const NetcdfVariable& variable, const std::string& attribute) {
    const auto found = variable.numbers.find(attribute);
    if (found == variable.numbers.end() || found->second.empty()) return std::nullopt;
    return found->second.front();
  }

  double scale_ = 1;
  double offset_ = 0;
  std::vector<double> missing_;
};

std::string without_trailing_blanks(std::string text) {
  text.resize(text.find_last_not_of(std::string_view("\0 ", 2)) + 1);
  return text;
}

int read_attribute(int file, int variable_id, const std::string& name, NetcdfVariable& variable) {
  nc_type type = 0;
  std::size_t length = 0;
  if (const int status = nc_inq_att(file, variable_id, name.c_str(), &type, &length)) return status;
  if (type == NC_CHAR) {
    std::string text(length, ' ');
    if (const int status = nc_get_att_text(file, variable_id, name.c_str(), text.data())) return status;
    variable.texts[name] = without_trailing_blanks(std::move(text));
  } else if (type == NC_STRING && length == 1) {
    char* text = nullptr;
    if (const int status = nc_get_att_string(file, variable_id, name.c_str(), &text)) return status;
    variable.texts[name] = text == nullptr ? "" : text;
    nc_free_string(1, &text);
  } else if (is_number(type)) {
    std::vector<double> numbers(length);
    if (const int status = nc_get_att_double(file, variable_id, name.c_str(), numbers.data())) return status;
    variable.numbers[name] = std::move(numbers);
  }
  return NC_NOERR;
}

int read_variable_header(int file, int id, NetcdfVariable& variable) {
  std::array<char, NC_MAX_NAME + 1> name{};
  std::array<int, NC_MAX_VAR_DIMS> dimensions{};
  int dimension_count = 0, attribute_count = 0;
  if (const int status =
          nc_inq_var(file, id, name.data(), &variable.type, &dimension_count, dimensions.data(), &attribute_count))
    return status;
  variable.name = name.data();
  variable.id = id;
  for (int i = 0; i < dimension_count; ++i) {
    NetcdfDimension dimension;
    if (const int status = nc_inq_dim(file, dimensions[static_cast<std::size_t>(i)], name.data(), &dimension.length))
      return status;
    dimension.name = name.data();
    variable.dimensions.push_back(dimension);
  }
  for (int i = 0; i < attribute_count; ++i) {
    if (const int status = nc_inq_attname(file, id, i, name.data())) return status;
    if (const int status = read_attribute(file, id, name.data(), variable)) return status;
  }
  return NC_NOERR;
}

}  // namespace

std::string NetcdfVariable::text(const std::string& attribute) const {
  const auto found = texts.find(attribute);
  return found == texts.end() ? std::string() : found->second;
}

Result<std::shared_ptr<const NetcdfFile>> NetcdfFile::open(const std::string& path, std::string_view key) {
  const auto refused = [&](const std::string& why) { return Error{std::string(key) + " = \"" + path + "\": " + why}; };
  std::error_code unreadable;
  const auto status = std::filesystem::status(path, unreadable);
  if (!std::filesystem::exists(status)) {
    const bool sample = path.starts_with("/usr/share/ferret-vis/");
    return refused(std::string("there is no such file; ") +
                   (sample ? "apt-get install ferret-datasets brings it" : "give the path of a NetCDF file"));
  }
  if (!std::filesystem::is_regular_file(status))
    return refused("is not a regular file; give the path of a NetCDF file (a Zarr store is not one)");

  std::shared_ptr<NetcdfFile> file(new NetcdfFile);
  file->path_ = path;
  const std::lock_guard lock(library_mutex());
  if (const int code = nc_open(path.c_str(), NC_NOWRITE, &file->id_)) {
    file->id_ = -1;
    return refused(std::string("cannot be opened as NetCDF (") + nc_strerror(code) +
                   "); give a readable NetCDF file: classic, 64-bit offset or NetCDF-4");
  }
  if (auto header = file->read_header(); !header) return header.error();
  return std::shared_ptr<const NetcdfFile>(std::move(file));
}

NetcdfFile::~NetcdfFile() {
  if (id_ < 0) return;
  const std::lock_guard lock(library_mutex());
  nc_close(id_);
}

Result<void> NetcdfFile::read_header() {
  int count = 0;
  if (const int status = nc_inq_nvars(id_, &count)) return failure("(header)", status);
  variables_.resize(static_cast<std::size_t>(count));
  for (int id = 0; id < count; ++id)
    if (const int status = read_variable_header(id_, id, variables_[static_cast<std::size_t>(id)]))
      return failure("(header)", status);
  return {};
}

const NetcdfVariable* NetcdfFile::find(std::string_view name) const {
  for (const NetcdfVariable& variable : variables_)
    if (variable.name == name) return &variable;
  return nullptr;
}

Result<const NetcdfVariable*> NetcdfFile::variable(std::string_view name, std::string_view key) const {
  if (const NetcdfVariable* found = find(name)) return found;
  std::vector<std::string> names;
  for (const NetcdfVariable& variable : variables_)
    if (variable.dimensions.size() >= 2) names.push_back(variable.name);
  return Error{std::string(key) + " = \"" + std::string(name) + "\": " + path_ + " has no variable of this name; " +
               suggestion(name, names)};
}

Result<void> NetcdfFile::read(const NetcdfVariable& variable, std::span<const std::size_t> start,
                              std::span<const std::size_t> count, std::span<float> out) const {
  FULMAR_ASSERT(start.size() == variable.dimensions.size() && count.size() == start.size(),
                variable.name + ": a hyperslab with the wrong number of dimensions");
  const std::size_t size = std::accumulate(count.begin(), count.end(), std::size_t{1}, std::multiplies<>());
  FULMAR_ASSERT(out.size() == size, variable.name + ": the room for a hyperslab has the wrong size");
  if (!is_number(variable.type))
    return Error{path_ + ": variable " + variable.name +
                 " is not numeric; name a variable of an integer or float type"};
  std::vector<double> packed(size);
  {
    const std::lock_guard lock(library_mutex());
    if (const int status = nc_get_vara_double(id_, variable.id, start.data(), count.data(), packed.data()))
      return failure(variable.name, status);
  }
  const Unpacking unpacked(variable);
  for (std::size_t i = 0; i < size; ++i) out[i] = unpacked(packed[i]);
  return {};
}

Result<std::vector<double>> NetcdfFile::read_coordinate(const NetcdfVariable& variable) const {
  std::size_t size = 1;
  for (const NetcdfDimension& dimension : variable.dimensions) size *= dimension.length;
  std::vector<double> values(size);
  const std::lock_guard lock(library_mutex());
  if (const int status = nc_get_var_double(id_, variable.id, values.data())) return failure(variable.name, status);
  return values;
}

Error NetcdfFile::failure(std::string_view variable, int status) const {
  return Error{path_ + ": reading " + std::string(variable) + " failed: " + nc_strerror(status) +
               "; check the file with ncdump, or fetch it again"};
}

}  // namespace fulmar::data
