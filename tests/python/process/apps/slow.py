"""Takes long."""

import time

time.sleep(60)
