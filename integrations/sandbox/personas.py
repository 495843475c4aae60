"""Who lives on the sandbox network: the brand and its invented customers."""

from __future__ import annotations

from integrations.sandbox.records import Role, User

BRAND = User("acme", "Acme Tea", "acme_tea", Role.BRAND, "en", 48_200, 4)

PERSONAS: tuple[User, ...] = (
    User("maya", "Maya Chen", "maya.brews", Role.CUSTOMER, "en", 312, 0),
    User("tom", "Tom Fletcher", "tomfletcher", Role.CUSTOMER, "en", 12_400, 8),
    User("grace", "Grace Okafor", "grace_o", Role.CUSTOMER, "en", 86, 2),
    User("camille", "Camille Laurent", "camille.l", Role.CUSTOMER, "fr", 540, 10),
    User("hugo", "Hugo Petit", "hugopetit", Role.CUSTOMER, "fr", 97, 6),
    User("ioana", "Ioana Popescu", "ioana.p", Role.CUSTOMER, "ro", 1_130, 1),
    User("andrei", "Andrei Munteanu", "andrei_m", Role.CUSTOMER, "ro", 64, 7),
    User("katya", "Катя Соколова", "katya.tea", Role.CUSTOMER, "ru", 2_045, 9),
    User("dima", "Дмитрий Волков", "dvolkov", Role.CUSTOMER, "ru", 158, 3),
)
