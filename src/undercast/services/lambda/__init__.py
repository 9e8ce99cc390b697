"""AWS Lambda. (`lambda` is a word of Python, so the modules in here import each other relatively.)"""
