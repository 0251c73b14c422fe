"""One renderer per format: `Report` → str."""
