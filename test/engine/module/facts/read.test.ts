import { expect } from 'chai'
import { readFacts } from '../../../../engine/module/facts/read.js'

/** Facts of parts as the script prints them. */
const factsOf = (parts: Readonly<Record<string, string>>) =>
  readFacts(
    Object.entries({ uname: 'Linux\nn\n6.1\nx86_64\n#1', ...parts })
      .map(([name, text]) => `@${name}\n${text}\n`)
      .join(''),
  )

describe('facts', () => {
  it('tell block devices with their partitions, sizes and names', () => {
    const { devices, device_links: links } = factsOf({
      memory: 'MemTotal: 1 kB',
      devices: `device=sda
removable=0
size=41943040
queue/rotational=1
queue/scheduler=none [mq-deadline]
queue/hw_sector_size=4096
device/vendor=ATA
device/model=DISK  9000
partition=sda1
start=2048
size=1024
holder=dm-0
device=loop0
size=0`,
      disklinks: `/dev/disk/by-id:
total 0
lrwxrwxrwx 1 root root  9 Jan  1 00:00 ata-DISK -> ../../sda

/dev/disk/by-uuid:
total 0
lrwxrwxrwx 1 root root 10 Jan  1 00:00 1b-2c -> ../../sda1`,
    }) as Record<string, Record<string, Record<string, unknown>>>
    expect(Object.keys(devices!)).to.deep.equal(['sda', 'loop0'])
    expect(devices!['sda']).to.deep.include({
      vendor: 'ATA',
      model: 'DISK  9000',
      size: '20.00 GB',
      sectors: '41943040',
      sectorsize: '4096',
      scheduler_mode: 'mq-deadline',
      links: { ids: ['ata-DISK'], labels: [], uuids: [], masters: [] },
      partitions: {
        sda1: {
          start: '2048',
          sectors: '1024',
          sectorsize: '4096',
          size: '512.00 KB',
          uuid: '1b-2c',
          holders: ['dm-0'],
          links: { ids: [], labels: [], uuids: ['1b-2c'], masters: [] },
        },
      },
    })
    expect(devices!['loop0']).to.include({ virtual: 1, size: '0.00 Bytes', vendor: null })
    expect(links).to.deep.equal({
      ids: { sda: ['ata-DISK'] },
      labels: {},
      uuids: { sda1: ['1b-2c'] },
      masters: {},
    })
  })

  it('tell the Python of the host, where there is one', () => {
    expect(factsOf({ python: '/usr/bin/python3 Python 3.11.2' })).to.deep.include({
      python_version: '3.11.2',
      python: {
        executable: '/usr/bin/python3',
        version: { major: 3, minor: 11, micro: 2, releaselevel: 'final', serial: 0 },
        version_info: [3, 11, 2, 'final', 0],
        has_sslcontext: true,
        type: 'cpython',
      },
    })
    expect(factsOf({ python: '/usr/bin/python Python 2.7.5' })['python_version']).to.equal('2.7.5')
    expect(factsOf({ python: '/usr/bin/python3 Python 3.13.0rc2' })['python']).to.deep.include({
      version_info: [3, 13, 0, 'candidate', 2],
    })
    expect(factsOf({ python: '' })).to.not.have.property('python')
  })

  it('tell what starts services', () => {
    const cases: readonly (readonly [string, string])[] = [
      ['comm=systemd\n/run/systemd/system\n/etc/init.d', 'systemd'],
      ['comm=init\n/run/systemd/system', 'systemd'],
      ['comm=init\n/sbin/openrc\n/etc/init.d', 'openrc'],
      ['comm=sh\n/etc/init.d', 'sysvinit'],
      ['comm=bash\nlrwxrwxrwx 1 root root 20 Jan 1 00:00 /sbin/init -> /lib/systemd/systemd', 'systemd'],
      ['comm=runit-init', 'runit'],
      ['comm=tini', 'tini'],
      ['', 'service'],
    ]
    for (const [init, manager] of cases) expect(factsOf({ init })['service_mgr'], init).to.equal(manager)
  })

  it('tell the keys of the host, its command line and its firmware', () => {
    const facts = factsOf({
      memory: 'MemTotal: 1 kB',
      hostkeys: '/etc/ssh/ssh_host_ed25519_key.pub ssh-ed25519 AAAA',
      cmdline: 'quiet console=tty0 console=ttyS0 root=/dev/sda1',
      dmi: 'chassis_type=23\nproduct_uuid=abc\nsys_vendor=Dell Inc. \nbios_date=',
      fips: '1',
      chroot: 'chroot',
    })
    expect(facts).to.deep.include({
      ssh_host_key_ed25519_public: 'AAAA',
      ssh_host_key_ed25519_public_keytype: 'ssh-ed25519',
      cmdline: { quiet: true, console: 'ttyS0', root: '/dev/sda1' },
      proc_cmdline: { quiet: true, console: ['tty0', 'ttyS0'], root: '/dev/sda1' },
      form_factor: 'Rack Mount Chassis',
      product_uuid: 'abc',
      system_vendor: 'Dell Inc.',
      bios_date: 'NA',
      fips: true,
      is_chroot: true,
    })
  })

  it('tell kinds of interfaces, and the hardware behind the default route', () => {
    const facts = factsOf({
      addresses: '2: eth0    inet 10.0.0.1/24 brd 10.0.0.255 scope global eth0',
      links:
        '2: eth0: <BROADCAST,PROMISC,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP \\    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff\n3: br-1: <BROADCAST> mtu 1400 qdisc noqueue',
      sys: 'eth0 1000 \nbr-1 - bridge\nlo - ',
      route4: 'default via 10.0.0.254 dev eth0',
    })
    expect(facts['default_ipv4']).to.include({
      alias: 'eth0',
      macaddress: '02:00:00:00:00:01',
      mtu: 1500,
      type: 'ether',
    })
    expect(facts['eth0']).to.include({ promisc: true, speed: 1000, active: true })
    expect(facts['br_1'])
      .to.include({ type: 'bridge', mtu: 1400, promisc: false })
      .and.to.not.have.property('speed')
  })
})
