"""What a build of the Jenkinsfile does, decided where tests reach it; and what it tells people.

Reads the build's variables, the checkout and plans; `promotion.cli.ci` prints and writes.
"""
