#include "tests/data/netcdf_writer.hpp"

#include <filesystem>
#include <stdlib.h>

#include <boost/test/unit_test.hpp>
#include <netcdf.h>

namespace fulmar::data::test {
namespace {

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "fulmar_data_XXXXXX").string();
    BOOST_REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

void require(int status) {
  BOOST_REQUIRE_MESSAGE(status == NC_NOERR, nc_strerror(status));
}

}  // namespace

std::string temporary_path(const std::string& name) {
  static const TemporaryDirectory directory;
  return (directory.path() / name).string();
}

NetcdfWriter::NetcdfWriter(const std::string& name, int format) : path_(temporary_path(name)) {
  require(nc_create(path_.c_str(), NC_CLOBBER | format, &file_));
}

void NetcdfWriter::axis(const std::string& name, const std::string& units, const std::vector<double>& values) {
  int dimension = -1;
  require(nc_def_dim(file_, name.c_str(), values.size(), &dimension));
  variable(name, NC_DOUBLE, {name}, values);
  text(name, "units", units);
}

void NetcdfWriter::variable(const std::string& name, int type, const std::vector<std::string>& dimensions,
                            const std::vector<double>& values) {
  std::vector<int> ids(dimensions.size());
  for (std::size_t i = 0; i < ids.size(); ++i) require(nc_inq_dimid(file_, dimensions[i].c_str(), &ids[i]));
  int id = -1;
  require(nc_def_var(file_, name.c_str(), type, static_cast<int>(ids.size()), ids.data(), &id));
  pending_.emplace_back(id, values);
}

void NetcdfWriter::text(const std::string& variable, const std::string& attribute, const std::string& value) {
  require(nc_put_att_text(file_, id_of(variable), attribute.c_str(), value.size(), value.data()));
}

void NetcdfWriter::number(const std::string& variable, const std::string& attribute, int type, double value) {
  require(nc_put_att_double(file_, id_of(variable), attribute.c_str(), type, 1, &value));
}

std::string NetcdfWriter::close() {
  require(nc_enddef(file_));
  for (const auto& [id, values] : pending_) require(nc_put_var_double(file_, id, values.data()));
  require(nc_close(file_));
  return path_;
}

int NetcdfWriter::id_of(const std::string& variable) const {
  int id = -1;
  require(nc_inq_varid(file_, variable.c_str(), &id));
  return id;
}

std::vector<double> month_days(std::size_t count) {
  std::vector<double> days;
  for (std::size_t month = 0; month < count; ++month) days.push_back(30.0 * static_cast<double>(month) + 14.0);
  return days;
}

}  // namespace fulmar::data::test
