from . import runner
from . import docker
from . import docker_containers
from . import docker_images
from . import docker_volumes
from . import docker_ports
