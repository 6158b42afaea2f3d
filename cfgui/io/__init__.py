"""Files: workbooks and the built-in sample; paths in, core objects out."""
